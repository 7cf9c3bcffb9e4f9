"""Dated tables of facts that upstream tools publish, compressed, each with a README of its own."""
