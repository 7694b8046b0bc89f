-- ---- omop: opioid doses from the OMOP Common Data Model, version 5.4 -----------------------
--
-- Strength, quantity and days come from the tables as they are.  What they do not say
-- (a quantity of 0, a bottle that may be counted in mL) makes the dose NULL with the
-- reason beside it; no default stands in for it.  Quantity as in "How to Calculate Drug
-- Dose" of the OMOP CDM: pieces, or packages where drug_strength gives the denominator a
-- value, or mL where it gives none.

-- ---- what was asked for, checked ------------------------------------------------------------

CREATE FUNCTION kc_omop_check(cdm_schema name, target_schema name, guideline_known boolean,
	guideline text, guidelines text) RETURNS void
LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	wanted record;
	missing text;
	asked name;
BEGIN
	IF cdm_schema IS NULL OR target_schema IS NULL OR guideline IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'schemas and guideline must not be null';
	END IF;
	FOREACH asked IN ARRAY ARRAY[cdm_schema, target_schema] LOOP
		IF to_regnamespace(quote_ident(asked)) IS NULL THEN
			RAISE EXCEPTION USING ERRCODE = '3F000', MESSAGE = format('schema "%s" does not exist', asked),
				HINT = CASE WHEN asked = target_schema THEN format('CREATE SCHEMA %I;', asked) ELSE '' END;
		END IF;
	END LOOP;
	IF NOT guideline_known THEN
		RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('unknown guideline "%s"', guideline),
			HINT = format('Guidelines are %s.', guidelines);
	END IF;
	FOR wanted IN SELECT * FROM (VALUES
		('drug_exposure', '{drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,quantity}'::name[]),
		('concept', '{concept_id,concept_name,vocabulary_id,concept_class_id,concept_code}'),
		('drug_strength', '{drug_concept_id,ingredient_concept_id,amount_value,amount_unit_concept_id,numerator_value,numerator_unit_concept_id,denominator_value,denominator_unit_concept_id}'))
		v (relation, columns)
	LOOP
		IF to_regclass(format('%I.%I', cdm_schema, wanted.relation)) IS NULL THEN
			RAISE EXCEPTION USING ERRCODE = '42P01',
				MESSAGE = format('schema "%s" has no table %s', cdm_schema, wanted.relation),
				DETAIL = 'The views read drug_exposure, concept, drug_strength and concept_ancestor of an OMOP CDM v5.4.';
		END IF;
		SELECT string_agg(c, ', ') INTO missing FROM unnest(wanted.columns) c
		WHERE NOT EXISTS (SELECT FROM pg_attribute
			WHERE attrelid = to_regclass(format('%I.%I', cdm_schema, wanted.relation))
				AND attname = c AND attnum > 0 AND NOT attisdropped);
		IF missing IS NOT NULL THEN
			RAISE EXCEPTION USING ERRCODE = '42703',
				MESSAGE = format('table %I.%s has not the columns of an OMOP CDM v5.4', cdm_schema, wanted.relation),
				DETAIL = format('It lacks %s.', missing);
		END IF;
	END LOOP;
END
$$;

-- ---- words ------------------------------------------------------------------------------------

-- The route as mme() takes it: the route concept's name, or the dose form at the end of an
-- RxNorm name where there is none.  A form that leaves the route open gives NULL.
CREATE FUNCTION kc_omop_route(route text, product text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
		WHEN r.name IN ('oral', 'per oral', 'by mouth', 'enteral', 'gastrostomy', 'nasogastric') THEN 'oral'
		WHEN r.name IN ('transdermal', 'sublingual', 'buccal', 'rectal', 'oromucosal', 'nasal', 'parenteral',
			'epidural', 'intrathecal') THEN r.name
		WHEN r.name = 'intranasal' THEN 'nasal'
		WHEN r.name = 'transmucosal' THEN 'oromucosal'
		WHEN r.name = 'subcutaneous' THEN 'sc'
		WHEN r.name = 'intramuscular' THEN 'im'
		WHEN r.name LIKE 'intravenous%' THEN 'iv'
		WHEN r.name IN ('inhalation', 'respiratory tract', 'respiratory') THEN 'inhaled'
		WHEN r.name IS NOT NULL THEN r.name
		WHEN p.form ~ '(transdermal system|transdermal patch)$' THEN 'transdermal'
		WHEN p.form ~ 'oral lozenge$' THEN 'oromucosal'
		WHEN p.form ~ '(oral (tablet|capsule|solution|suspension|powder|granules|pellet)|extended release suspension)$' THEN 'oral'
		WHEN p.form ~ 'sublingual (tablet|film)$' THEN 'sublingual'
		WHEN p.form ~ 'buccal (tablet|film)$' THEN 'buccal'
		WHEN p.form ~ 'nasal (spray|solution|inhaler)$' THEN 'nasal'
		WHEN p.form ~ 'rectal suppository$' THEN 'rectal'
		WHEN p.form ~ '(injection|injectable solution|injectable suspension|prefilled syringe|cartridge|auto-injector)$' THEN 'parenteral'
		WHEN p.form ~ 'drug implant$' THEN 'implant'
		END
	FROM (SELECT nullif(regexp_replace(lower(btrim(route)), ' (route|use)$', ''), 'no matching concept') AS name) r,
		(SELECT lower(btrim(regexp_replace(product, '\s*\[[^]]*\]\s*$', ''))) AS form) p;
END;

-- The unit of mass that a unit concept names.
CREATE FUNCTION kc_omop_mass_unit(unit_concept_id int8) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE unit_concept_id WHEN 8576 THEN 'mg' WHEN 9655 THEN 'mcg' WHEN 8504 THEN 'g' END;

CREATE FUNCTION kc_omop_words() RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '{
	"drug_exposure_id": "Row of drug_exposure",
	"person_id": "Person",
	"drug": "Opioid ingredient, as opioid_ingredient() returns it",
	"drug_concept_id": "Product",
	"drug_name": "Name of the product",
	"strength": "Amount of the opioid in one strength_unit of the product",
	"strength_unit": "mg, mcg or g a piece, per mL or per package of so many mL; mcg/h of a patch",
	"route": "Route, from the route concept or the dose form in the name",
	"quantity": "Quantity as recorded",
	"days": "Days covered: days_supply, or from first to last day",
	"start_date": "First day",
	"end_date": "Last day covered",
	"daily_dose": "Dose of the opioid a day, or rate of the patch while worn; NULL: see reason",
	"unit": "Unit of the daily dose, as mme() takes it",
	"reason": "Why there is no daily dose; in the coverage also what mme_status says, ok: converted",
	"n_fills": "Fills of an opioid",
	"n_without_dose": "Fills without a daily dose, in no figure",
	"fills": "Fills with a daily dose",
	"fills_without_factor": "Of them, fills that the guideline does not convert",
	"total_mme": "MME of all days",
	"days_supply": "Days of all fills, one after the other",
	"days_on_therapy": "Days with a fill",
	"period_days": "Days from the first to the last",
	"mme_days_supply": "MME a day: total over days of all fills",
	"mme_on_therapy": "MME a day: total over days with a fill",
	"mme_period": "MME a day: total over days from the first to the last",
	"mme_max": "MME of the highest day",
	"note": "What was left out",
	"guideline": "Guideline of the factors",
	"persons": "Persons with such a fill",
	"share": "Part of all opioid fills"
}'::jsonb;

-- ---- the three views ----------------------------------------------------------------------------

CREATE FUNCTION kc_omop_queries(cdm_schema name, target_schema name, guideline text,
	OUT name name, OUT query text, OUT about text) RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	extension text;
	days_supply text;
	last_date text;
	route text;
	valid text;
	box text;
	ancestor text := '';
BEGIN
	SELECT quote_ident(n.nspname) INTO extension
	FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'ketocohort';
	-- columns that a CDM fills when it can
	SELECT coalesce(max('d.days_supply') FILTER (WHERE attname = 'days_supply'), 'NULL::int'),
		coalesce(max('d.drug_exposure_end_date') FILTER (WHERE attname = 'drug_exposure_end_date'), 'NULL::date'),
		coalesce(max('d.route_concept_id') FILTER (WHERE attname = 'route_concept_id'), 'NULL::int'),
		coalesce(max('s.invalid_reason IS NULL') FILTER (WHERE attname = 'invalid_reason'), 'true'),
		coalesce(max('s.box_size') FILTER (WHERE attname = 'box_size'), 'NULL::int')
	INTO days_supply, last_date, route, valid, box
	FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid IN
		(to_regclass(format('%I.drug_exposure', cdm_schema)), to_regclass(format('%I.drug_strength', cdm_schema)));
	IF to_regclass(format('%I.concept_ancestor', cdm_schema)) IS NOT NULL THEN
		ancestor := format('SELECT a.descendant_concept_id AS drug_concept_id, i.drug
			FROM %I.concept_ancestor a JOIN ingredient i ON i.concept_id = a.ancestor_concept_id
			UNION ', cdm_schema);
	END IF;

	name := 'omop_opioid_exposure';
	about := 'Opioid exposures with strength, days and daily dose, or the reason why there is none';
	query := format($query$
	WITH ingredient AS (
		SELECT i.concept_id, i.drug
		FROM (SELECT c.concept_id, coalesce(%1$s.opioid_ingredient('OMOP:' || c.concept_id),
				CASE WHEN c.vocabulary_id = 'RxNorm' THEN %1$s.opioid_ingredient('RxNorm:' || c.concept_code) END,
				%1$s.opioid_ingredient(c.concept_name)) AS drug
			FROM %2$I.concept c WHERE c.concept_class_id = 'Ingredient'
			UNION
			SELECT CASE WHEN n.name ~ '^OMOP:[0-9]{1,9}$' THEN substr(n.name, 6)::int END, %1$s.opioid_ingredient(n.name)
			FROM %1$s.opioid_names n WHERE n.name ~ '^OMOP:[0-9]{1,9}$') i
		WHERE i.drug IS NOT NULL
	), strength AS (
		-- rows that say the same count once
		SELECT s.drug_concept_id, i.drug, count(DISTINCT ROW(s.amount_value, s.amount_unit_concept_id,
				s.numerator_value, s.numerator_unit_concept_id, s.denominator_value, s.denominator_unit_concept_id, %7$s)::text) AS n,
			max(s.amount_value)::numeric AS amount, max(s.amount_unit_concept_id)::int8 AS amount_unit,
			max(s.numerator_value)::numeric AS numerator, max(s.numerator_unit_concept_id)::int8 AS numerator_unit,
			max(s.denominator_value)::numeric AS denominator, max(s.denominator_unit_concept_id)::int8 AS denominator_unit,
			max(%7$s) AS box_size
		FROM %2$I.drug_strength s JOIN ingredient i ON i.concept_id = s.ingredient_concept_id
		WHERE %6$s GROUP BY s.drug_concept_id, i.drug
	), product AS (
		%8$s SELECT s.drug_concept_id, s.drug FROM strength s
		UNION SELECT i.concept_id, i.drug FROM ingredient i
	), resolved AS (
		SELECT p.drug_concept_id, p.drug, s.denominator, s.box_size,
			CASE WHEN s.n IS NULL THEN 'no strength'
				WHEN s.n > 1 THEN 'several strengths'
				WHEN s.amount > 0 AND s.numerator IS NULL AND %1$s.kc_omop_mass_unit(s.amount_unit) IS NOT NULL THEN 'piece'
				WHEN s.numerator > 0 AND s.amount IS NULL AND %1$s.kc_omop_mass_unit(s.numerator_unit) IS NOT NULL
					AND (s.denominator > 0 OR s.denominator IS NULL) THEN
					CASE s.denominator_unit WHEN 8505 THEN 'patch' WHEN 8587 THEN 'mL' WHEN 45744809 THEN 'piece'
						ELSE 'unit of strength' END
				WHEN s.amount <= 0 OR s.numerator <= 0 OR (s.amount IS NULL AND s.numerator IS NULL) THEN 'no strength'
				ELSE 'unit of strength' END AS kind,
			coalesce(s.amount, s.numerator) AS strength,
			%1$s.kc_omop_mass_unit(coalesce(s.amount_unit, s.numerator_unit)) AS mass_unit
		FROM product p LEFT JOIN strength s ON s.drug_concept_id = p.drug_concept_id AND s.drug = p.drug
	)
	SELECT e.drug_exposure_id, e.person_id, e.drug, e.drug_concept_id, e.drug_name,
		(CASE WHEN e.kind = 'patch' THEN e.rate WHEN e.kind IN ('piece', 'mL') THEN e.strength END)::float8 AS strength,
		CASE e.kind WHEN 'patch' THEN 'mcg/h' WHEN 'piece' THEN e.mass_unit
			WHEN 'mL' THEN e.mass_unit || '/' || coalesce(trim_scale(nullif(e.denominator, 1))::text || ' ', '') || 'mL' END AS strength_unit,
		e.route, e.quantity::float8 AS quantity, e.days, e.start_date,
		e.start_date + e.days - 1 AS end_date,
		CASE WHEN e.reason IS NULL THEN
			CASE e.kind WHEN 'patch' THEN e.rate::float8 ELSE (e.strength * e.quantity)::float8 / e.days END END AS daily_dose,
		CASE WHEN e.kind = 'patch' THEN 'mcg/h' WHEN e.kind IN ('piece', 'mL') THEN e.mass_unit END AS unit,
		e.reason
	FROM (SELECT x.*, CASE
			WHEN x.kind NOT IN ('piece', 'mL', 'patch') THEN x.kind
			WHEN x.quantity IS NULL THEN 'quantity missing'
			WHEN x.quantity = 0 THEN 'quantity 0'
			WHEN NOT (x.quantity > 0 AND x.quantity < 1e9) THEN 'quantity out of range'
			-- packages by the book, and yet it might be mL or pieces
			WHEN x.box_size IS NOT NULL OR (x.kind = 'mL' AND x.denominator > 1 AND x.quantity >= x.denominator)
				THEN 'quantity unclear'
			WHEN x.days IS NULL THEN 'days missing' END AS reason
		FROM (SELECT d.drug_exposure_id, d.person_id, d.drug_concept_id, d.quantity::numeric AS quantity,
				d.drug_exposure_start_date::date AS start_date, c.concept_name::text AS drug_name,
				r.drug, r.kind, r.strength, r.mass_unit, r.denominator, r.box_size,
				%1$s.kc_omop_route(o.concept_name, c.concept_name) AS route,
				r.strength / coalesce(r.denominator, 1)
					* CASE r.mass_unit WHEN 'mg' THEN 1000 WHEN 'g' THEN 1000000 ELSE 1 END AS rate,
				CASE WHEN %3$s > 0 THEN (%3$s)::int
					WHEN %4$s > d.drug_exposure_start_date OR (%3$s IS NULL AND %4$s = d.drug_exposure_start_date)
						THEN %4$s::date - d.drug_exposure_start_date::date + 1 END AS days
			FROM %2$I.drug_exposure d
			JOIN resolved r ON r.drug_concept_id = d.drug_concept_id
			LEFT JOIN %2$I.concept c ON c.concept_id = d.drug_concept_id
			LEFT JOIN %2$I.concept o ON o.concept_id = %5$s AND o.concept_id <> 0) x) e
	$query$, extension, cdm_schema, days_supply, last_date, route, valid, box, ancestor);
	RETURN NEXT;

	name := 'omop_daily_mme';
	about := 'Daily MME of each person by the four definitions, over the fills with a daily dose';
	query := format($query$
	SELECT a.person_id, a.n_fills, a.n_without_dose, r.fills, r.fills_without_factor, r.total_mme, r.days_supply,
		r.days_on_therapy, r.period_days, r.mme_days_supply, r.mme_on_therapy, r.mme_period, r.mme_max, r.note,
		%3$L::text AS guideline
	FROM (SELECT e.person_id, count(*) AS n_fills, count(e.reason) AS n_without_dose,
			%1$s.opioid_exposure(e.drug, e.daily_dose, e.unit, e.route, e.start_date, e.days)
				FILTER (WHERE e.reason IS NULL) AS exposure
		FROM %2$I.omop_opioid_exposure e GROUP BY e.person_id) a
	CROSS JOIN LATERAL %1$s.mme_exposure(a.exposure, %3$L, unknown => 'skip') r
	$query$, extension, target_schema, guideline);
	RETURN NEXT;

	name := 'omop_mme_coverage';
	about := 'How many opioid fills convert to MME, and why the others do not';
	query := format($query$
	SELECT a.drug, a.route, a.unit, a.reason, a.fills, a.persons, a.fills::float8 / sum(a.fills) OVER () AS share
	FROM (SELECT e.drug, e.route, e.unit, coalesce(e.reason, %1$s.mme_status(e.drug, e.unit, e.route, %3$L)) AS reason,
			count(*) AS fills, count(DISTINCT e.person_id) AS persons
		FROM %2$I.omop_opioid_exposure e
		GROUP BY e.drug, e.route, e.unit, coalesce(e.reason, %1$s.mme_status(e.drug, e.unit, e.route, %3$L))) a
	$query$, extension, target_schema, guideline);
	RETURN NEXT;
END
$$;

CREATE FUNCTION create_omop_views(cdm_schema name, target_schema name, guideline text DEFAULT 'cdc2022',
	security_invoker boolean DEFAULT NULL) RETURNS SETOF name
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT kc_omop_check(cdm_schema, target_schema,
		mme_status('morphine', 'mg', 'oral', create_omop_views.guideline) <> 'unknown guideline',
		create_omop_views.guideline, (SELECT string_agg(DISTINCT f.guideline, ', ') FROM mme_factors f));
	SELECT kc_create_made(target_schema, q.name, q.query, CASE WHEN i.invoker THEN 'invoker' ELSE 'view' END,
		'create_omop_views', q.about, kc_omop_words())
	FROM kc_cohort_invoker(security_invoker, (
			SELECT bool_or(kc_cohort_row_security(to_regclass(format('%I.%I', cdm_schema, t.name))))
			FROM unnest('{drug_exposure,concept,drug_strength,concept_ancestor}'::name[]) t (name))) i (invoker),
		kc_omop_queries(cdm_schema, target_schema, create_omop_views.guideline) q;
END;

CREATE FUNCTION drop_omop_views(target_schema name) RETURNS SETOF name
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
	SELECT kc_drop_made(target_schema, '{omop_mme_coverage,omop_daily_mme,omop_opioid_exposure}', 'create_omop_views');
END;

COMMENT ON FUNCTION kc_omop_check(name, name, boolean, text, text) IS 'checks schemas, tables and guideline of the OMOP views';
COMMENT ON FUNCTION kc_omop_route(text, text) IS 'route from the name of a route concept or of an RxNorm product';
COMMENT ON FUNCTION kc_omop_mass_unit(int8) IS 'mg, mcg or g from a unit concept, NULL for another unit';
COMMENT ON FUNCTION kc_omop_words() IS 'comments for the columns of the OMOP views';
COMMENT ON FUNCTION kc_omop_queries(name, name, text) IS 'the queries of the OMOP views';
COMMENT ON FUNCTION create_omop_views(name, name, text, boolean) IS
'writes views of opioid exposure, daily MME and coverage on an OMOP CDM v5.4 schema; returns their names';
COMMENT ON FUNCTION drop_omop_views(name) IS 'drops the views that create_omop_views made in a schema';
