//  Tests of Store.
