"""The other yardstick: the least that a Streamlit page with a filter can be."""

import streamlit as st

st.title("Bare")
tiers = st.multiselect("Tier", ["1", "2", "3", "4"], key="tier")
st.markdown(f"Chosen: {', '.join(tiers) or 'all'}")
