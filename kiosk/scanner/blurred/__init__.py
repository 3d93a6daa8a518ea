"""Bars that no library can read: too blurred, too far away, moved. Brightness is compared instead of edges.

Two questions are answered, by the same steps:

    soft       which EAN-13 or UPC-A is it?            a reading among others, which ``evidence`` weighs
    prior      which product of this store may it be?  a proposal, which a person is asked about

What both stand on:

    symbols    how retail codes are printed: which modules are bars
    optics     what those look like under a blur, digit by digit, and so what each digit costs where something is seen
    line       brightness along the bars of a place, and where on it a code may begin and end
    fitting    blur, warp, growth and light of given codes, by least squares
    profile    a line laid over the modules: kind, place, direction, warp and blur under which some code fits best

For ``soft`` alone, ``valid``: the cheapest of all valid codes, given what each digit costs (``prior`` asks it for rivals).

For ``prior`` alone:

    faint      places with bars, on the picture sharpened in several ways
    known      the catalogue's codes, costed all at once
    rivals     codes that differ from a given one in a digit or two
    comparing  the best known code, and by how much it beats its rivals
"""
