"""The entry point: how the app is served. What it shows is in `main.py`."""

import logging

import streamlit as st
from starlette.middleware import Middleware

from components import serving
from components.shared import page_errors

# Streamlit logs an error before it asks what to do about it.
logging.getLogger("streamlit.error_util").addFilter(page_errors.is_bug)

app = st.App(
    "main.py",
    middleware=[
        Middleware(serving.Document),
        Middleware(serving.CompressedScripts),
        Middleware(serving.FewerIcons),
        Middleware(serving.KeptPictures),
        Middleware(serving.RemovedFiles),
    ],
    on_script_error=page_errors.after_callback,
)
