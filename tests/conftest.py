"""How hard Hypothesis tries: a profile by name in `HYPOTHESIS_PROFILE`, or by the option `--hypothesis-profile`.

default     enough to catch a slip while working
thorough    thousands of histories through engine and oracle, for a machine that builds every change: the same ones each time,
            so that a build changes its colour only when the code does
search      as many, new ones each time: to look for what nobody has met yet

A failure prints the blob that repeats it (`@reproduce_failure`). No test has a deadline: the first example of a process
imports and compiles what the later ones use.
"""

import os

from hypothesis import HealthCheck, settings

PATIENT = settings(
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

settings.register_profile("default", PATIENT, max_examples=50)
settings.register_profile("thorough", PATIENT, max_examples=250, derandomize=True, database=None)
settings.register_profile("search", PATIENT, max_examples=250)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
