from frappe.utils.nestedset import NestedSet


class AdministrativeUnit(NestedSet):
	"""Cơ quan, đơn vị."""

	nsm_parent_field = "parent_administrative_unit"
