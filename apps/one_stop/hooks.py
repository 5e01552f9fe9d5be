app_name = "one_stop"
app_title = "One-Stop"
app_publisher = "One-Stop contributors"
app_description = "One-stop administrative services for Vietnamese provinces"
app_email = "one-stop@one-stop.example"
app_license = "MIT"

# Desk
app_logo_url = "/assets/one_stop/images/logo.svg"
app_include_js = ["one_stop.bundle.js"]
app_include_css = ["one_stop.bundle.css"]
web_include_css = ["one_stop_web.bundle.css"]
website_context = {
	"favicon": "/assets/one_stop/images/favicon.svg",
	"splash_image": "/assets/one_stop/images/logo.svg",
}
extend_bootinfo = ["one_stop.desk.extend_bootinfo"]
jinja = {"methods": ["one_stop.dossiers.print_forms.receipt_form"]}

override_whitelisted_methods = {
	"frappe.desk.desktop.get_workspace_sidebar_items": "one_stop.desk.get_workspace_sidebar_items",
	"frappe.utils.print_format.download_pdf": "one_stop.api.print_forms.download_pdf",
}

# The edge and the citizens' portal
auth_hooks = ["one_stop.citizen_portal.edge.guard"]
after_request = ["one_stop.citizen_portal.edge.after_request"]
on_login = ["one_stop.citizen_portal.edge.refuse_login_by_another_way"]
page_renderer = ["one_stop.citizen_portal.rendering.PortalRenderer"]
home_page = "index"
website_user_home_page = "ho-so"

# What exists without anybody having set it; people change it afterwards.
after_install = ["one_stop.organization.seeding.seed_organization"]
after_migrate = [
	"one_stop.organization.seeding.seed_organization",
	"one_stop.dossiers.workflow_loader.load_workflow",
	"one_stop.dossiers.list_settings.seed_list_settings",
]

fixtures = [
	{
		"dt": "Role",
		"filters": [
			[
				"name",
				"in",
				[
					"One-Stop Administrator",
					"Reception Clerk",
					"Processing Officer",
					"Unit Leader",
					"Monitoring Officer",
				],
			]
		],
	}
]

scheduler_events = {
	"daily": [
		"one_stop.organization.memberships.take_back_ended_roles",
		"one_stop.organization.seeding.suggest_coming_years",
		"one_stop.procedures.versions.follow_the_day",
	],
}

doc_events = {
	"User": {
		"on_update": "one_stop.organization.units.forget_members",
		"after_delete": "one_stop.organization.units.forget_members",
	},
	"Dossier": {"on_update": "one_stop.dossiers.scans.attach_scans"},
}
