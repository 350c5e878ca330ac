//  Makes sure that a change leaves no document with errors in it.

import Gateway
import JSONSchema

/// The rules of a resource that its schema and its fields do not express.
///
/// A validator sees the old and the new state and can look documents up; it has no way to write. It is asked about
/// deletes too, in which there is no new state.
package protocol Validator: Sendable {
    /// Returns everything that is wrong with a change, or nothing.
    func violations(of change: Change, _ reader: Reader) throws(APIError) -> Violations
}

/// A resource whose schema and fields say everything.
package struct NoFurtherRules: Validator {
    package init() {}

    package func violations(of change: Change, _ reader: Reader) -> Violations { Violations() }
}
