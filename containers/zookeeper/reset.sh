#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Ready, and in a known good state: see reset.py.
cd "$(dirname "$0")" && exec ./reset.py
