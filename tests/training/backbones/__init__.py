"""Tests of pretrained networks."""
