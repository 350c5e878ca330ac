//  PluginKit.
