"""The models that read text: what they are used for, how well they do, and the switch that stops them."""
