"""Does evolution beat scikit-learn's MLPClassifier on the credit card clients?

    python -m experiments.credit_default

About ten minutes on two cores; a test ROC AUC of 0.77 to 0.78 on split 0.
"""

from experiments.running import main

if __name__ == "__main__":
    main("credit_default", "Does evolution beat scikit-learn's MLPClassifier on the credit card clients?")
