//  Tests of Identity.
