//  Gateway.
