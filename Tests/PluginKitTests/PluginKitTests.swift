//  Tests of PluginKit.
