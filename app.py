"""The entry point: how the app is served. What it shows is in `main.py`."""

import logging

import streamlit as st
from starlette.middleware import Middleware

from components.serving import responses, runs
from components.shared import page_errors

# Streamlit logs an error before it asks what to do about it.
logging.getLogger("streamlit.error_util").addFilter(page_errors.is_bug)

app = st.App(
    "main.py",
    middleware=[
        Middleware(runs.OneRunAtATime),
        Middleware(responses.Document),
        Middleware(responses.CompressedScripts),
        Middleware(responses.FewerIcons),
        Middleware(responses.KeptPictures),
        Middleware(responses.RemovedFiles),
    ],
    on_script_error=page_errors.after_callback,
)
