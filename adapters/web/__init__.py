"""The web application: its files in `static/`, and the routes that hand them out."""
