//  Tests of EndToEnd.
