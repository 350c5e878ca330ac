//  A plugin imports PluginKit and nothing else: the words of its declaration come with it.

@_exported import DocumentStore
@_exported import Gateway
@_exported import HTTPTypes
@_exported import JSON
@_exported import JSONSchema
