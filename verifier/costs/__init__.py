"""How often code of one file runs, and how large what it touches is: the model under the cost rules."""
