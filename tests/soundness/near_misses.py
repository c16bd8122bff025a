"""False claims close to Theorem 1, and true ones in another form, built from what is derived.

No result is typed in: every text is a change of the derived one. Keys are those of ``claimed``.
"""

from __future__ import annotations

from collections.abc import Mapping

Claimed = dict[str, str]


def false_claims(results: Mapping[str, object], minimisers: list[str]) -> list[Claimed]:
    """Claims that a careless reader, or a careless proof, might make."""
    rate, least = str(results["learning_rate"]), str(results["minimum_loss"])
    assert rate.startswith("1/(")
    over = rate.removeprefix("1/")
    one, two = minimisers
    predicted = "eta*sum[i](xq[i]*s[i])"
    rates = [
        # off by one in each term, wrong role of the noise, another power, sign or factor
        f"1/({over} + 1)",
        f"1/({over} + d)",
        f"1/({over} + n)",
        f"1/({over} + sigma2)",
        f"1/({over} + sigma2^2)",
        "1/(n + d + 1)",
        "1/(n + d + sigma2)",
        "1/(n + sigma2 + 1)",
        "1/(d + sigma2 + 1)",
        "1/(n + d + 2*sigma2 + 1)",
        "1/(n + d + sigma2^2 + 1)",
        "1/(n*(n + d + sigma2 + 1))",
        "1/(n*d + sigma2 + 1)",
        f"2*({rate})",
        f"-({rate})",
        f"({rate})^2",
        f"n*({rate})",
        f"({rate})/n",
        "1/n",
        "0",
        "1",
    ]
    values = [
        f"({least}) + 1",
        f"({least}) - 1/1000",
        f"({least}) - sigma2",
        f"({least}) + sigma2",
        f"-({least})",
        f"d*(1 - n*({rate}))",
        f"d + sigma2 - n*({rate})",
        f"d + sigma2 - d*({rate})",
        f"d + sigma2 - n*d*({rate})^2",
        "d + sigma2",
        "sigma2",
        "0",
    ]
    predictions = [
        f"2*{predicted}",
        f"-{predicted}",
        "sum[i](xq[i]*s[i])",
        "n*" + predicted,
        predicted + " + eq",
        predicted + " + b",
        predicted + " + eta*q",
        "eta*sum[i](xq[i]*w[i])",
        "eta*sum[i,k](xq[i]*X[k,i])",
        "eta^2*sum[i](xq[i]*s[i])",
        "0",
        "yq",
    ]
    systems = [
        one,
        two,
        f"{one} | {one}",
        f"a[i] = 0; b*A[i,j] = eta*delta[i,j] | {two}",
        f"c[i] = 0; b*A[i,j] = eta*delta[i,j] | {two}",
        f"b*A[i,j] = eta*delta[i,j] | {two}",
        f"a[i] = 0; c[i] = 0; b*A[i,j] = delta[i,j] | {two}",
        f"a[i] = 0; c[i] = 0; b*A[i,j] = -eta*delta[i,j] | {two}",
        f"a[i] = 0; c[i] = 0; b = 1; b*A[i,j] = eta*delta[i,j] | {two}",
        f"a[i] = 0; c[i] = 0; A[i,j] = eta*delta[i,j] | {two}",
        f"a[i] = 0; c[i] = 0; d*b*sum[i](A[i,i]) = d*eta | {two}",
        f"{one} | d = 1; b = 0; A[i,j] = 0; c[i]*a[j] = 2*eta*delta[i,j]",
        f"{one} | d = 1; b = 0; c[i]*a[j] = eta*delta[i,j]",
        f"{one} | d = 1; A[i,j] = 0; c[i]*a[j] = eta*delta[i,j]",
        f"{one} | {two} | a[i] = 0; b = 0",
        f"{one} | {two} | a[i] = 0; c[i] = 0; A[i,j] = 0",
        f"{one} | {two} | hy = 0; hx[i] = 0",
        f"{one}; hy = 1 | {two}",
        "a[i] = 0; b = 0",
        "0 = 0",
        "1 = 0",
    ]
    texts = {
        "learning_rate": rates,
        "minimum_loss": values,
        "prediction": predictions,
        "minimisers": systems,
    }
    return [{key: text} for key, found in texts.items() for text in found]


def true_claims(results: Mapping[str, object], minimisers: list[str], loss: str) -> list[Claimed]:
    """The same claims written in other ways: expanded, factored, reordered, renamed, indirect."""
    rate, least = str(results["learning_rate"]), str(results["minimum_loss"])
    one, two = minimisers
    rates = [
        rate,
        "1/(1 + n + d + sigma2)",
        "(n + d)/((n + d)*(n + d + sigma2 + 1))",
        "2/(2*n + 2*d + 2*sigma2 + 2)",
        "1/(n + d + 1) - sigma2/((n + d + 1)*(n + d + 1 + sigma2))",
        "E(sum[i](w[i]*s[i]))/E(sum[i](s[i]^2))",
        "E(sum[k,i](w[i]*X[k,i]*y[k]))/E(sum[i,k,h](X[k,i]*y[k]*X[h,i]*y[h]))",
        "E(sum[k](y[k]*sum[i](X[k,i]*w[i])))/E(sum[i](s[i]^2))",
    ]
    values = [
        least,
        f"d*(1 - n*({rate})) + sigma2",
        f"E(yq^2) - n*d*({rate})",
        f"E((yq - ({rate})*sum[i](xq[i]*s[i]))^2)",
        "(d*(d + sigma2 + 1) + sigma2*(n + d + sigma2 + 1))/(n + d + sigma2 + 1)",
        "sigma2 + d - d*n*eta",
        f"({least})*(n + d)/(n + d)",
    ]
    predictions = [
        "eta*sum[j](s[j]*xq[j])",
        "sum[i](xq[i]*eta*s[i])",
        f"({rate})*sum[p](xq[p]*s[p])",
        "eta*sum[k,i](xq[i]*X[k,i]*y[k])",
        "eta*sum[k](y[k]*sum[i](X[k,i]*xq[i]))",
        "sum[i,j](xq[i]*eta*delta[i,j]*s[j])",
        "eta*sum[i](xq[i]*(sum[j](S[i,j]*w[j]) + sum[k](X[k,i]*e[k])))",
    ]
    systems = [
        f"{one} | {two}",
        f"a[i] - eta = -eta; c[i] = 0; A[i,j]*b = eta*delta[j,i] | {two}",
        f"{one} | d - 1 = 0; b = 0*n; A[i,j] = 0; c[i]*a[j] = eta*delta[j,i]",
        f"{one} | n + d = n + 1; 0 = -b; A[i,j] = 0; c[i]*a[j] - eta*delta[i,j] = 0",
    ]
    losses = [
        loss,
        "E((yhat - yq)^2)",
        "E(yq^2) - 2*E(yq*yhat) + E(yhat^2)",
        "E(yq^2 - 2*yq*yhat + yhat*yhat)",
        f"-(0 - ({loss}))",
        f"2*({loss})/2",
        f"({loss})*(n + sigma2)/(sigma2 + n)",
        "E((yq - sum[i,j](xq[i]*B[i,j]*s[j]))^2)"
        " + E(sum[j](xq[j]*(sum[i,l](A[i,j]*S[i,l]*a[l]) + b*q*c[j]))^2)",
    ]
    texts = {
        "learning_rate": rates,
        "minimum_loss": values,
        "prediction": predictions,
        "minimisers": systems,
        "loss": losses,
    }
    return [{key: text} for key, found in texts.items() for text in found]
