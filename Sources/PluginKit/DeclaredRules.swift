//  The rules that follow from a declaration: schema, unique fields, references.

import DocumentStore
import Gateway
import JSON
import JSONSchema

/// Checks a change against everything that its resource declares; all violations are found at once.
struct DeclaredRules {
    let resource: ResourceDefinition
    let unit: UnitOfWork
    let catalogue: Catalogue

    /// Returns what is wrong, and fills in the defaults of the schema.
    func violations(of change: inout Change) throws(APIError) -> Violations {
        var violations = Violations()
        if var new = change.new {
            let result = resource.schema.validate(.object(new.fields))
            if let fields = result.value.object { new.fields = fields }
            change.new = new
            violations = result.violations
            try checkUniqueFields(of: new, &violations)
            try checkReferences(of: new, &violations)
        } else if let old = change.old {
            try checkReferrers(of: old, &violations)
        }
        violations.merge(try resource.validator.violations(of: change, Reader(unit)))
        return violations
    }

    private func checkUniqueFields(of document: Document, _ violations: inout Violations) throws(APIError) {
        for field in resource.uniqueFields {
            for (path, key) in field.keys(of: document, resource.name) {
                guard let holder = try unit.holder(of: key), holder != document.address else { continue }
                violations.add(
                    path: field.reportedAt ?? path,
                    rule: "unique",
                    message: try message(field, key.value, holder),
                    cause: .string(key.value)
                )
            }
        }
    }

    private func message(_ field: UniqueField, _ value: String, _ holder: DocumentAddress) throws(APIError) -> String {
        guard let telling = field.telling, holder.scope == unit.scope, let stored = try unit.stored(holder.id) else {
            return field.message
        }
        return telling(value, try Document(stored))
    }

    private func checkReferences(of document: Document, _ violations: inout Violations) throws(APIError) {
        for field in resource.references where field.mustExist {
            for (path, text) in field.path.texts(in: document.fields) {
                let target = DocumentID(text)
                if try unit.stored(target)?.type == field.target {
                    unit.require(.exists(DocumentAddress(target, in: document.scope)))
                } else {
                    let message = "There is no \(field.target) with this id"
                    violations.add(path: path, rule: "not_found", message: message, cause: .string(text))
                }
            }
        }
    }

    private func checkReferrers(of document: Document, _ violations: inout Violations) throws(APIError) {
        for reference in try unit.references(to: document.id, limit: 1_000) {
            guard catalogue.rule(for: reference, to: document.type) == .refuse,
                try unit.stored(reference.source) != nil
            else { continue }
            violations.add(
                path: "id",
                rule: "referenced",
                message: "The \(reference.sourceType) \(reference.source) names it in \(reference.field)",
                cause: .string(reference.source.text)
            )
            return
        }
    }
}
