"""Does evolution find a good small network for breast cancer in a few minutes?

    python -m experiments.quickstart

A minute on two cores; a test ROC AUC of about 0.99.
"""

from experiments.running import main

if __name__ == "__main__":
    main("quickstart", "Does evolution find a good small network for breast cancer in a few minutes?")
