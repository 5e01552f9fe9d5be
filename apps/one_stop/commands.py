"""Commands of the app on a site: `bench --site SITE due …`, or `./one-stop due …` from the repository."""

import json

import click
import frappe
from frappe.commands import get_site, pass_context


@click.command("due")
@click.option("--procedure", required=True, help="code of the procedure, such as 1.001193")
@click.option("--received", required=True, help='local time of receipt, such as "2026-02-12 10:00"')
@click.option("--channel", default="counter", show_default=True, help="counter, online or post")
@click.option("--case", default="", help="case of the procedure; none: the ordinary one")
@click.option("--unit", default="", help="code of the one-stop centre; none: the first that receives it")
@click.option("--json", "as_json", is_flag=True, help="answer as JSON")
@pass_context
def due(context, procedure: str, received: str, channel: str, case: str, unit: str, as_json: bool) -> None:
	"""Say when a dossier would be due, step by step, and how the time is counted."""
	from one_stop.dossiers import deadlines

	site = get_site(context)
	with frappe.init_site(site):
		frappe.connect()
		try:
			frappe.local.lang = "vi"
			answer = deadlines.deadline_of(procedure, received, channel, case, unit or None)
			if as_json:
				click.echo(json.dumps(deadlines.as_dict(answer), ensure_ascii=False, indent="\t"))
			else:
				click.echo(deadlines.as_text(answer))
		except frappe.ValidationError as error:
			raise click.ClickException(str(error)) from None


@click.command("verify-ledger")
@click.argument("codes", nargs=-1)
@click.option("--files", is_flag=True, help="read every stored file too, and compare its SHA-256")
@pass_context
def verify_ledger(context, codes: tuple[str, ...], files: bool) -> None:
	"""Check the chain of every dossier (or of those named by code), and that it gives the stored fields."""
	from one_stop.dossiers import ledger

	with frappe.init_site(get_site(context)):
		frappe.connect()
		frappe.local.lang = "vi"
		filters = {"code": ["in", codes]} if codes else {}
		names = frappe.get_all("Dossier", filters=filters, pluck="name", order_by="creation asc", limit=0)
		broken = 0
		for name in names:
			findings = [*ledger.verify(name), *(ledger.verify_files(name) if files else ())]
			for finding in findings:
				broken += 1
				place = f"sự kiện {finding.sequence}" if finding.sequence else "số liệu lưu"
				click.echo(f"{finding.code or finding.dossier}: {place}: {finding.what}")
		click.echo(f"{len(names)} hồ sơ, {broken} sai lệch.")
		if broken or (codes and len(names) < len(codes)):
			raise SystemExit(1)


commands = [due, verify_ledger]
