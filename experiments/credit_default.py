"""Does evolution beat scikit-learn's MLPClassifier on the credit card clients?

    python -m experiments.credit_default

A minute or two on two cores; a test ROC AUC of about 0.775 on split 0.
"""

from experiments.running import main

if __name__ == "__main__":
    main("credit_default", "Does evolution beat scikit-learn's MLPClassifier on the credit card clients?")
