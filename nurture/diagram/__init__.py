"""The picture of a sequence: its steps as the tree they are, in words, with the leads at each.

tree      from linked steps back to the tree that was written, each step with its words
counts    how many leads stand where, were mailed, have left: three queries
mermaid   as text that forges draw in pull requests
page      as a page that needs nothing else
drawing   as SVG
"""

from nurture.diagram.counts import Counts, count
from nurture.diagram.drawing import drawing
from nurture.diagram.mermaid import mermaid
from nurture.diagram.page import page
from nurture.diagram.tree import Arm, Node, Tree, tree

__all__ = ["Arm", "Counts", "Node", "Tree", "count", "drawing", "mermaid", "page", "tree"]
