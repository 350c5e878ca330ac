//  FastCGI.
