//  Tests of Gateway.
