//  Plugins.
