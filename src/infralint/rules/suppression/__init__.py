"""Rules about suppression comments; `infralint.suppress` judges them after all others."""
