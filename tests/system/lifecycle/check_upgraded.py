"""Read into Odoo's shell, where `find_problems` says what does not work in a database that was upgraded."""

HOLDERS = (("ir.ui.view", "model"), ("ir.actions.act_window", "res_model"), ("ir.model.data", "model"))


def find_problems(env, addons):
    """One sentence for each record that is left over, view that is not valid, and field that cannot be read."""
    return Checks(env, addons).run()


class Checks:
    def __init__(self, env, addons):
        self.env, self.addons, self.problems = env, set(addons), []
        self.as_admin = env(user=env.ref("base.user_admin"))
        self.rows = env["ir.model.data"].search([("module", "in", list(addons))])

    def run(self):
        for check in (self.left_over, self.views, self.stored_fields, self.menus):
            check()
        return self.problems

    def attempt(self, what, function, *arguments):
        try:
            with self.env.cr.savepoint():
                function(*arguments)
        except Exception as error:
            self.problems.append(f"{what}: {type(error).__name__}: {error}")

    def named(self, model):
        """Pairs of external id and record."""
        rows = self.rows.filtered(lambda row: row.model == model)
        return [(row.complete_name, self.env[model].browse(row.res_id)) for row in rows]

    def left_over(self):
        """Nothing speaks of models, fields and records that are not there any more."""
        env = self.env
        for model in env["ir.model"].search([]):
            if model.model not in env:
                self.problems.append(f"model {model.model} is left over")
        for field in env["ir.model.fields"].search([]):
            if field.model in env and field.name not in env[field.model]._fields:
                self.problems.append(f"field {field.model}.{field.name} is left over")
        for holder, name in HOLDERS:
            for (model,) in env[holder].with_context(active_test=False)._read_group([], [name]):
                if model and model not in env:
                    self.problems.append(f"{holder} of {model}, which is gone")
        for row in self.rows:
            if row.model in env and not env[row.model].browse(row.res_id).exists():
                self.problems.append(f"{row.complete_name} names a {row.model} that is gone")

    def views(self):
        """Each view by itself, and what a model shows to an administrator who opens it."""
        for name, view in self.named("ir.ui.view"):
            if view.type != "qweb":
                self.attempt(f"view {name}", view._check_xml)
        for _name, model in self.named("ir.model"):
            if model.model in self.env and not self.env[model.model]._abstract:
                found = self.env["ir.ui.view"].search([("model", "=", model.model), ("type", "!=", "qweb")])
                kinds = sorted({"list", "form", "search", *found.mapped("type")})
                asked = [(False, kind) for kind in kinds]
                self.attempt(f"views of {model.model}", self.as_admin[model.model].get_views, asked)

    def stored_fields(self):
        """Of all records: fields of our models, and those that we added to others."""
        for model in self.env.values():
            ours = [field for field in model._fields.values() if self.addons & set(field._modules)]
            stored = [field.name for field in ours if field.store]
            if stored and not model._abstract and model._auto:
                records = model.with_context(active_test=False).search([])
                self.attempt(f"fields of {model._name}", records.read, stored)

    def menus(self):
        """Each menu's action is there, and its views."""
        for name, menu in self.named("ir.ui.menu"):
            action = menu.action
            if not action or action._name != "ir.actions.act_window":
                continue
            if action.res_model not in self.env:
                self.problems.append(f"menu {name} opens {action.res_model}, which is gone")
                continue
            options = {"toolbar": True, "action_id": action.id}
            self.attempt(f"action of menu {name}", action._get_action_dict)
            self.attempt(f"views of menu {name}", self.as_admin[action.res_model].get_views, action.views, options)
