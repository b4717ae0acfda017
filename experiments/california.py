"""Does evolution beat scikit-learn's MLPRegressor on California housing?

    python -m experiments.california

Two to four minutes on two cores; a test R2 of about 0.81 on split 0.
"""

from experiments.running import main

if __name__ == "__main__":
    main("california", "Does evolution beat scikit-learn's MLPRegressor on California housing?")
