app_name = "one_stop"
app_title = "One-Stop"
app_publisher = "One-Stop contributors"
app_description = "One-stop administrative services for Vietnamese provinces"
app_email = "one-stop@one-stop.example"
app_license = "MIT"

# Desk
app_logo_url = "/assets/one_stop/images/logo.svg"
app_include_js = ["one_stop.bundle.js", "one_stop_reports.bundle.js"]
app_include_css = ["one_stop.bundle.css"]
web_include_css = ["one_stop_web.bundle.css"]
website_context = {
	"favicon": "/assets/one_stop/images/favicon.svg",
	"splash_image": "/assets/one_stop/images/logo.svg",
}
extend_bootinfo = ["one_stop.desk.extend_bootinfo"]
jinja = {
	"methods": [
		"one_stop.dossiers.form_data.official_form",
		"one_stop.quality.award_print.award_certificate",
	]
}

override_whitelisted_methods = {
	"frappe.core.doctype.user.user.reset_password": "one_stop.api.passwords.reset_password",
	"frappe.core.doctype.user.user.update_password": "one_stop.api.passwords.update_password",
	"frappe.client.get_count": "one_stop.api.permitted.get_count",
	"frappe.desk.form.linked_with.get": "one_stop.api.permitted.linked_documents",
	"frappe.utils.global_search.search": "one_stop.api.permitted.search",
	"frappe.desk.form.load.get_user_info_for_viewers": "one_stop.api.permitted.viewers",
	"frappe.realtime.can_subscribe_doc": "one_stop.api.permitted.can_subscribe_doc",
	"frappe.desk.desktop.get_workspace_sidebar_items": "one_stop.desk.get_workspace_sidebar_items",
	"frappe.utils.print_format.download_pdf": "one_stop.api.print_forms.download_pdf",
	"frappe.model.workflow.get_transitions": "one_stop.api.workflow.get_transitions",
	"frappe.model.workflow.apply_workflow": "one_stop.api.workflow.apply_workflow",
	"frappe.model.workflow.bulk_workflow_approval": "one_stop.api.workflow.bulk_workflow_approval",
	"frappe.model.workflow.get_common_transition_actions": (
		"one_stop.api.workflow.get_common_transition_actions"
	),
}

# Who may see what of a dossier: list queries and document checks from one source.
permission_query_conditions = {
	"DefaultValue": "one_stop.permissions.default_condition",
	"Document Follow": "one_stop.permissions.document_follow_condition",
	"Has Role": "one_stop.permissions.role_condition",
	"User Social Login": "one_stop.permissions.social_login_condition",
	"Contact": "one_stop.permissions.contact_condition",
	"Contact Email": "one_stop.permissions.contact_email_condition",
	"Contact Phone": "one_stop.permissions.contact_phone_condition",
	"User": "one_stop.permissions.user_condition",
	"Dossier": "one_stop.permissions.dossier_condition",
	"Dossier Access": "one_stop.permissions.access_condition",
	"Dossier Answer": "one_stop.permissions.answer_condition",
	"Dossier Component": "one_stop.permissions.component_condition",
	"Dossier Event": "one_stop.permissions.event_condition",
	"Dossier Fee": "one_stop.permissions.fee_condition",
	"Dossier Letter": "one_stop.permissions.letter_condition",
	"Dossier List": "one_stop.permissions.list_condition",
	"Dossier Opinion": "one_stop.permissions.opinion_condition",
	"Dossier Payment": "one_stop.permissions.payment_condition",
	"Dossier Reminder": "one_stop.permissions.reminder_condition",
	"Dossier Result": "one_stop.permissions.result_condition",
	"Dossier Step": "one_stop.permissions.step_condition",
	"Dossier List Row": "one_stop.permissions.list_row_condition",
	"File": "one_stop.permissions.file_condition",
	"Postal Handover": "one_stop.permissions.handover_condition",
	"Postal Handover Item": "one_stop.permissions.handover_item_condition",
	"Unit Evaluation": "one_stop.quality.access.unit_evaluation_condition",
	"Officer Evaluation": "one_stop.quality.access.officer_evaluation_condition",
	"Petition": "one_stop.quality.access.petition_condition",
	"Rating Release": "one_stop.quality.access.rating_release_condition",
	"Rating Comment": "one_stop.quality.access.rating_comment_condition",
	"Publication Check": "one_stop.quality.access.publication_check_condition",
	"Entered Figure": "one_stop.quality.access.entered_figure_condition",
	"Award Proposal": "one_stop.quality.access.award_proposal_condition",
	"Award Reason": "one_stop.quality.access.award_reason_condition",
	"Award Vote": "one_stop.quality.access.award_vote_condition",
	"Evaluation Difference": "one_stop.quality.access.evaluation_difference_condition",
	"Evaluation Field Part": "one_stop.quality.access.evaluation_field_part_condition",
	"Evaluation Line": "one_stop.quality.access.evaluation_line_condition",
	"Evaluation Posting": "one_stop.quality.access.evaluation_posting_condition",
	"Evaluation Appeal": "one_stop.quality.access.appeal_condition",
	"Lateness Explanation": "one_stop.quality.access.lateness_condition",
	"Dossier Daily Fact": "one_stop.quality.access.daily_fact_condition",
}
has_permission = {
	"Dashboard Settings": "one_stop.permissions.has_own_permission",
	"Document Follow": "one_stop.permissions.has_own_permission",
	"Notification Settings": "one_stop.permissions.has_own_permission",
	"Contact": "one_stop.permissions.has_own_permission",
	"User": "one_stop.permissions.has_user_permission",
	"File": "one_stop.citizen_portal.uploads.has_file_permission",
	"Dossier": "one_stop.permissions.has_dossier_permission",
	"Dossier Access": "one_stop.permissions.has_part_permission",
	"Dossier Event": "one_stop.permissions.has_part_permission",
	"Dossier Letter": "one_stop.permissions.has_part_permission",
	"Dossier List": "one_stop.permissions.has_list_permission",
	"Dossier Opinion": "one_stop.permissions.has_part_permission",
	"Dossier Payment": "one_stop.permissions.has_part_permission",
	"Dossier Reminder": "one_stop.permissions.has_part_permission",
	"Dossier Result": "one_stop.permissions.has_part_permission",
	"Dossier Step": "one_stop.permissions.has_part_permission",
	"Postal Handover": "one_stop.permissions.has_handover_permission",
	"Unit Evaluation": "one_stop.quality.access.has_unit_permission",
	"Officer Evaluation": "one_stop.quality.access.has_officer_evaluation_permission",
	"Petition": "one_stop.quality.access.has_unit_permission",
	"Rating Release": "one_stop.quality.access.has_unit_permission",
	"Rating Comment": "one_stop.quality.access.has_unit_permission",
	"Publication Check": "one_stop.quality.access.has_unit_permission",
	"Entered Figure": "one_stop.quality.access.has_unit_permission",
	"Award Proposal": "one_stop.quality.access.has_award_proposal_permission",
	"Evaluation Appeal": "one_stop.quality.access.has_appeal_permission",
	"Lateness Explanation": "one_stop.quality.access.has_lateness_permission",
	"Dossier Daily Fact": "one_stop.quality.access.has_daily_fact_permission",
}

# Who has read a draft stays on record when it is thrown away.
ignore_links_on_delete = ["Personal Data Access"]

# The edge and the citizens' portal
auth_hooks = ["one_stop.citizen_portal.edge.guard"]
before_request = ["one_stop.citizen_portal.error_records.keep_forms_out_of_logs"]
before_job = [
	"one_stop.citizen_portal.error_records.keep_forms_out_of_logs",
	"one_stop.language.speak_in_jobs",
]
after_request = [
	"one_stop.citizen_portal.edge.after_request",
	"one_stop.citizen_portal.access_record.note",
]
on_login = [
	"one_stop.citizen_portal.edge.refuse_login_by_another_way",
	"one_stop.citizen_portal.accounts.refuse_another_door",
	"one_stop.citizen_portal.accounts.refuse_passwords_of_citizens",
]
write_file = "one_stop.citizen_portal.uploads.write_checked"
page_renderer = ["one_stop.citizen_portal.rendering.PortalRenderer"]
home_page = "index"

# What exists without anybody having set it; people change it afterwards.
after_migrate = [
	"one_stop.citizen_portal.seeding.seed_portal",
	"one_stop.organization.seeding.seed_organization",
	"one_stop.dossiers.workflow_loader.load_workflow",
	"one_stop.dossiers.list_settings.seed_list_settings",
	"one_stop.dossiers.letter_texts.seed",
	"one_stop.dossiers.reminder_texts.seed",
	"one_stop.quality.rule_sets.seed",
	"one_stop.quality.workflow_loader.load_workflows",
	"one_stop.quality.awards.seed",
	"one_stop.reporting.mailing.let_managers_schedule",
	"one_stop.reporting.daily_facts.complete",
]
after_install = after_migrate

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
	"cron": {
		"*/5 * * * *": [
			"one_stop.dossiers.effects.sweep",
			"one_stop.citizen_portal.figures.refresh",
			"one_stop.citizen_portal.drafts.finish_interrupted",
			"one_stop.citizen_portal.published_evaluations.refresh",
			"one_stop.citizen_portal.payments.sweep",
			"one_stop.citizen_portal.payments.ask_about_started",
			"one_stop.citizen_portal.messages.forget_codes",
		],
		"*/10 * * * *": ["one_stop.dossiers.letters.retry_files"],
		"*/15 * * * *": ["one_stop.dossiers.reminders.remind"],
	},
	"daily": [
		"one_stop.dossiers.reminders.forget_old",
		"one_stop.citizen_portal.drafts.forget_old",
		"one_stop.citizen_portal.personal_data.forget_late_writings",
		"one_stop.organization.memberships.take_back_ended_roles",
		"one_stop.organization.seeding.suggest_coming_years",
		"one_stop.procedures.versions.follow_the_day",
		"one_stop.quality.ratings.forget_expired",
		"one_stop.quality.petitions.follow_clock",
		"one_stop.reporting.daily_facts.open_month",
	],
	"daily_long": [
		"one_stop.dossiers.succession.follow_successors",
		"one_stop.organization.recomputation.recompute_outdated",
		"one_stop.reporting.daily_facts.catch_up",
	],
	"monthly": [
		"one_stop.quality.evaluations.close_month",
		"one_stop.reporting.mailing.queue_monthly_reports",
	],
}

# Who listens to what happens to dossiers: called in a job after each event, with the dossier and the event.
one_stop_after_event = [
	"one_stop.citizen_portal.notices.follow",
	"one_stop.reporting.daily_facts.follow",
]

doc_events = {
	"Comment": {
		"before_insert": "one_stop.permissions.sign_by_the_session",
		"before_validate": "one_stop.permissions.refuse_unseen_reference",
	},
	"Communication": {"before_validate": "one_stop.permissions.refuse_unseen_reference"},
	"Document Follow": {"before_validate": "one_stop.permissions.refuse_unseen_reference"},
	"File": {
		"before_validate": [
			"one_stop.permissions.refuse_unseen_reference",
			"one_stop.citizen_portal.uploads.keep_address",
		]
	},
	"Reminder": {"before_validate": "one_stop.permissions.refuse_unseen_reference"},
	"Tag Link": {"before_validate": "one_stop.permissions.refuse_unseen_reference"},
	"ToDo": {"before_validate": "one_stop.permissions.refuse_unseen_reference"},
	"Dashboard Chart": {"validate": "one_stop.citizen_portal.edge.refuse_unsafe_queries"},
	"Number Card": {"validate": "one_stop.citizen_portal.edge.refuse_unsafe_queries"},
	"Activity Log": {
		"before_insert": [
			"one_stop.citizen_portal.accounts.take_the_time_of_a_password",
			"one_stop.citizen_portal.personal_data.name_no_citizen",
		]
	},
	"One-Stop Settings": {"on_update": "one_stop.reporting.daily_facts.follow_rules"},
	"Error Log": {"before_insert": "one_stop.citizen_portal.error_records.strip_values"},
	"Print Format": {"validate": "one_stop.citizen_portal.stored_templates.refuse_reaching_out"},
	"Notification": {"validate": "one_stop.citizen_portal.stored_templates.refuse_reaching_out"},
	"Email Template": {"validate": "one_stop.citizen_portal.stored_templates.refuse_reaching_out"},
	"Letter Head": {"validate": "one_stop.citizen_portal.stored_templates.refuse_reaching_out"},
	"Web Page": {"validate": "one_stop.citizen_portal.stored_templates.refuse_reaching_out"},
	"Web Template": {"validate": "one_stop.citizen_portal.stored_templates.refuse_reaching_out"},
	"Address Template": {"validate": "one_stop.citizen_portal.stored_templates.refuse_reaching_out"},
	"Auto Repeat": {"validate": "one_stop.citizen_portal.stored_templates.refuse_reaching_out"},
	"Assignment Rule": {"validate": "one_stop.citizen_portal.stored_templates.refuse_reaching_out"},
	"Server Script": {"validate": "one_stop.citizen_portal.stored_templates.refuse_scripts"},
	"Auto Email Report": {
		"validate": [
			"one_stop.reporting.mailing.refuse_scoped_reports",
			"one_stop.reporting.mailing.check_schedule",
		]
	},
	"User": {
		"before_validate": "one_stop.permissions.refuse_other_settings",
		"on_update": "one_stop.organization.units.forget_members",
		"after_delete": "one_stop.organization.units.forget_members",
	},
	"Dossier": {"on_update": "one_stop.dossiers.scans.attach_scans"},
}
