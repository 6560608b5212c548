"""The web room: the API of the departments, the pages at ``/desk/``, health and metrics, on one HTTP server.

It owns the routes and decides nothing: every verb is the desk's. FastAPI and Jinja2 are loaded only by what serves.
"""
