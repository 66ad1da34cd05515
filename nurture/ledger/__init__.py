"""The attempt ledger: every mail handed over, at most once, and how each attempt ended.

    T2 hand_over   last check and attempt row in one transaction; only then the mailer gets the mail
    T3 settle      what came of it, by attempt id
    R  recover     attempts that never came back, by the rule of the mailer that had them

The claim (T1) is nurture.advance's. docs/send-protocol.md has the crash table.
"""
