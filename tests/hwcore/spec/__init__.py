"""Tests of the hardware description and the job."""
