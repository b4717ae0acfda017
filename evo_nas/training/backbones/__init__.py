"""Pretrained networks: found and checked, cut into blocks, kept by the digest of what they are, and made to say what
their frozen part gives for the images of a data set.
"""
