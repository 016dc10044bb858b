"""The stop-and-search recipe: what is known of a police stop before its end in, whether it ended in an arrest out.

The columns are those of the street-level files that data.police.uk publishes. What is known only afterwards is no feature: whether
clothing was removed, and whether the outcome was linked to the object of the search.
"""

from recipes.columns import Category, Quantity
from recipes.recipe import Candidate, Recipe

ETHNICITIES = (
    "White - English/Welsh/Scottish/Northern Irish/British",
    "White - Irish",
    "White - Any other White background",
    "Mixed/Multiple ethnic groups - White and Black Caribbean",
    "Mixed/Multiple ethnic groups - Any other Mixed/Multiple ethnic background",
    "Asian/Asian British - Indian",
    "Asian/Asian British - Pakistani",
    "Asian/Asian British - Bangladeshi",
    "Asian/Asian British - Any other Asian background",
    "Black/African/Caribbean/Black British - African",
    "Black/African/Caribbean/Black British - Caribbean",
    "Black/African/Caribbean/Black British - Any other Black/African/Caribbean background",
    "Other ethnic group - Any other ethnic group",
    "Other ethnic group - Not stated",
    "",
)
ARREST, NO_ARREST = "Arrest", "No arrest"

RECIPE = Recipe(
    name="stop_search",
    title="Arrest after a stop and search",
    instance_shape=(10,),
    dtype="float32",
    features=(
        Category("Type", ("Person search", "Person and Vehicle search", "Vehicle search")),
        Category("Part of a policing operation", ("False", "True", "")),
        Quantity("Latitude", "degrees", bounds=(49, 61)),  # of the United Kingdom
        Quantity("Longitude", "degrees", bounds=(-9, 2)),
        Category("Gender", ("Male", "Female", "Other", "")),
        Category("Age range", ("under 10", "10-17", "18-24", "25-34", "over 34", "")),
        Category("Self-defined ethnicity", ETHNICITIES),
        Category("Officer-defined ethnicity", ("White", "Black", "Asian", "Mixed", "Other", "")),
        Category(
            "Legislation",
            (
                "Misuse of Drugs Act 1971 (section 23)",
                "Police and Criminal Evidence Act 1984 (section 1)",
                "Criminal Justice and Public Order Act 1994 (section 60)",
                "Firearms Act 1968 (section 47)",
                "",
            ),
        ),
        Category(
            "Object of search",
            (
                "Controlled drugs",
                "Offensive weapons",
                "Stolen goods",
                "Article for use in theft",
                "Evidence of offences under the Act",
                "Anything to threaten or harm anyone",
                "Firearms",
                "Fireworks",
                "Articles for use in criminal damage",
                "",
            ),
        ),
    ),
    target=Category("Outcome", (NO_ARREST, ARREST), other=NO_ARREST),
    candidates=(
        Candidate("logistic_regression", "table", {"model": "linear", "C": 0.3}),
        Candidate("random_forest", "table", {"model": "random_forest", "n_estimators": 100, "min_samples_leaf": 10}),
        Candidate("support_vectors", "table", {"model": "support_vectors", "C": 0.3}),
        Candidate("boosted_trees", "table", {"model": "boosted_trees", "n_estimators": 60, "max_depth": 3, "learning_rate": 0.1}),
    ),
    limits=(
        "Decisions about people, by the police or by anyone: it must not say who is stopped, searched, watched or arrested.",
        "Conclusions about crime or about groups of people: records of stops say whom officers stopped, not who breaks the law.",
        "Real stops: the shipped model learned from rows that a documented rule generated, because the real ones were not at hand.",
    ),
    thresholds={"balanced_accuracy": 0.6},
    test_share=0.3,
    groups=("Gender", "Age range", "Officer-defined ethnicity"),
)
