//  Tests of JSON.
