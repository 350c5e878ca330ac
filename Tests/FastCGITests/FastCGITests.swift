//  Tests of FastCGI.
