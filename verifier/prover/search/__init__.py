"""The search for all weights at which a gap vanishes: means, combinations, a tree of cases.

`case_tree.equality` is the door. Its texts are certificates of the kernel; nothing here is trusted.
"""
