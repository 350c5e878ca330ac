//  Identity.
