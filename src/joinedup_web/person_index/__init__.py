"""The living person index of a project: kept up to date, matched against in real time, its history asked."""
