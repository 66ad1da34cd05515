"""The demo: a few days of nurture in a minute, on a virtual clock, through the code that runs in earnest.

Nothing is staged but the leads' behavior: mails are read from the outbox as a mail provider would get them,
and what readers do comes back over HTTP as signed events and form posts.
"""
