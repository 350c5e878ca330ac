//  What a validation does besides checking.

import JSON

/// What a validation changes, and what it asks its caller.
package struct ValidationOptions: Sendable {
    /// Sets missing properties to their schema's `default`, when that is valid. It does not satisfy `required`.
    package var fillsDefaults: Bool
    /// Turns strings into the number or boolean, and numbers into the integer, that a schema asks for: `"10"` is 10,
    /// `10.6` is 11, `"true"` is true. Not inside `anyOf`, `oneOf` and `not`, where a type tells the choices apart.
    package var coercesTypes: Bool
    /// Checks what `kazoo-validation` marks and the schemas alone cannot tell.
    package var check: (@Sendable (MarkedValue) -> String?)?

    /// A value whose schema is marked with `kazoo-validation`.
    package struct MarkedValue: Sendable {
        /// The name of the schema and of the property: `webhooks.uri`.
        package let name: String
        package let value: JSON
        /// The whole document that is validated, as it came.
        package let document: JSON
    }

    /// - Parameter check: returns what is wrong with a marked value, or nil.
    package init(
        fillsDefaults: Bool,
        coercesTypes: Bool,
        check: (@Sendable (MarkedValue) -> String?)? = nil
    ) {
        self.fillsDefaults = fillsDefaults
        self.coercesTypes = coercesTypes
        self.check = check
    }

    /// What Crossbar does with the data of a request.
    package static let crossbar = ValidationOptions(fillsDefaults: true, coercesTypes: true)

    /// Checks and changes nothing.
    package static let checkOnly = ValidationOptions(fillsDefaults: false, coercesTypes: false)
}
