"""The entry point: how the app is served. What it shows is in `main.py`."""

import streamlit as st
from starlette.middleware import Middleware

from components import serving

app = st.App(
    "main.py",
    middleware=[
        Middleware(serving.Document),
        Middleware(serving.CompressedScripts),
        Middleware(serving.KeptPictures),
    ],
)
