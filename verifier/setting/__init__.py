"""What is talked about: data laws, responses, prompts, the attention layer."""
