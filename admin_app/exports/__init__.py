"""Workbooks: who may have which, when, with which sheets and columns; one writer for all."""
