"""Does evolution beat scikit-learn's MLPRegressor on California housing?

    python -m experiments.california

About ten minutes on two cores; a test R2 of 0.80 to 0.83 on split 0.
"""

from experiments.running import main

if __name__ == "__main__":
    main("california", "Does evolution beat scikit-learn's MLPRegressor on California housing?")
