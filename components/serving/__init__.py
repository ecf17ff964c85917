"""Middleware between browsers and Streamlit, which knows nothing of what is served."""
