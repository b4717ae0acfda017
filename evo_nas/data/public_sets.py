"""Public sets by name: where their files are found, and what their columns mean."""

from __future__ import annotations

from dataclasses import dataclass

from evo_nas.data.roles import Roles


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A set that is one CSV file.

    file: its name in the folder `tabular` of EVO_NAS_DATA and in the cache. source: the address of the file, or the
    number of the set on OpenML (the columns are then renamed to `names`, an ID counted from 1 put before them where
    OpenML left it out). sha256: of the content, uncompressed, as `content_hash` counts it.
    names: of the columns. has_header: does the file begin with them?
    """

    file: str
    source: str | int
    sha256: str
    names: tuple[str, ...]
    roles: Roles
    has_header: bool = True


_CREDIT_MONTHS = ("0", "2", "3", "4", "5", "6")

PUBLIC_SETS = {
    "adult": PublicSet(
        # Kohavi 1996; UCI 2, CC BY 4.0; the 32,561 training rows. Is the income of a person above 50,000 dollars?
        file="adult.data.gz",
        source="https://archive.ics.uci.edu/ml/machine-learning-databases/adult/adult.data",
        sha256="ea895aae047aa83ca757e3024a029be8b11806c656ad2c5b1efd8cec28af19ad",
        names=(
            *("age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation"),
            *("relationship", "race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country"),
            "income",
        ),
        roles=Roles(
            target="income",
            categorical=(
                *("workclass", "education", "marital_status", "occupation"),
                *("relationship", "race", "sex", "native_country"),
            ),
        ),
        has_header=False,
    ),
    "california_housing": PublicSet(
        # Pace and Barry 1997; StatLib. The median value of a house in each of 20,640 districts, in dollars.
        file="california_housing.csv.gz",
        source=(
            "https://raw.githubusercontent.com/ageron/handson-ml2/aa555aa16b9d0af6c84e67c7757f3317d05acb12"
            "/datasets/housing/housing.csv"
        ),
        sha256="658ceeb4ed02aef33a7915e88a8a978f7da9870bebbce20dd4bc0973087c4c6c",
        names=(
            *("longitude", "latitude", "housing_median_age", "total_rooms", "total_bedrooms", "population"),
            *("households", "median_income", "median_house_value", "ocean_proximity"),
        ),
        roles=Roles(target="median_house_value", categorical=("ocean_proximity",)),
    ),
    "credit_default": PublicSet(
        # Yeh and Lien 2009; UCI 350, CC BY 4.0. Does a credit card client default next month?
        file="uci_default_credit.csv.gz",
        source=42477,
        sha256="b69ce91da4aa7e2ee35a53aeac543624bdac922bffc59130f0dadcf06d7d0315",
        names=(
            *("ID", "LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE"),
            *(f"PAY_{month}" for month in _CREDIT_MONTHS),
            *(f"BILL_AMT{month}" for month in range(1, 7)),
            *(f"PAY_AMT{month}" for month in range(1, 7)),
            "default payment next month",
        ),
        roles=Roles(target="default payment next month", categorical=("SEX", "EDUCATION", "MARRIAGE"), drop=("ID",)),
    ),
}
