"""A generated registry to measure on: 120,000 enrolled products, 10,000 establishments, five nodes and 17 KPIs each.

Made by set-based SQL with a fixed seed. Establishment 1 packs the first 1,000 products: the hub of the measures.
"""

from typing import Any

HUB_PRODUCTS = 1000

GENERATE = (
    "SET session_replication_role = replica",  # neither triggers nor foreign keys: the rows are known to be sound
    "SELECT setseed(0.42)",
    # Names as unlike each other as those of drugs, so that a search finds as few as in life.
    """CREATE FUNCTION pg_temp.word(number int) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT part[1 + mixed %% 23] || part[1 + mixed / 23 %% 23] || part[1 + mixed / 529 %% 23]
        || part[1 + mixed / 12167 %% 23] || (ARRAY['platin', 'cillin', 'azole', 'mab', 'statin'])[1 + number %% 5]
    FROM (SELECT (number::bigint * 104729 %% 279841)::int AS mixed, ARRAY['ba','ce','di','fo','gu','ha','je','ki','lo',
        'mu','na','pe','qui','ro','su','ta','ve','wi','xo','zu','bra','cle','dro'] AS part) given $$""",
    """INSERT INTO access_organisation (name, kinds, is_synthetic, created_at)
    SELECT 'Bench maker ' || i, '{manufacturer}', true, now() FROM generate_series(1, 240) i""",
    """INSERT INTO qmm_establishment (id, name, address, country, operations, is_synthetic)
    SELECT i, 'Bench site ' || i, '', (ARRAY['USA','IND','CHN','ITA','IRL','CAN','MEX','DEU'])[1 + floor(random() * 8)],
        '', true FROM generate_series(1, %(establishments)s) i""",
    """INSERT INTO qmm_assessment (establishment_id, completed_on, management_commitment, business_continuity,
        advanced_pqs, technical_excellence, employee_engagement, created_at, void_reason)
    SELECT i, current_date - (random() * 900)::int, 1 + random() * 4, 1 + random() * 4, 1 + random() * 4,
        1 + random() * 4, 1 + random() * 4, now(), ''
    FROM generate_series(1, %(establishments)s) i WHERE random() < 0.95""",
    """INSERT INTO qmm_inspection (establishment_id, classification, ended_on, void_reason)
    SELECT i, (ARRAY['NAI','NAI','VAI','VAI','OAI'])[1 + floor(random() * 5)], current_date - (random() * 1500)::int, ''
    FROM generate_series(1, %(establishments)s) i WHERE random() < 0.6""",
    """INSERT INTO products_product (id, ndc, display_ndc, labeler_name, proprietary_name, nonproprietary_name,
        substances, molecule, dosage_form, route, strength, product_type, marketing_category, application_number,
        is_synthetic)
    SELECT i, lpad((900000 + i / 1000)::text, 6, '0') || '-' || lpad((i %% 1000)::text, 4, '0'),
        (900000 + i / 1000) || '-' || lpad((i %% 1000)::text, 4, '0'),
        initcap(pg_temp.word(1 + i %% 240)) || ' Pharma', '',
        pg_temp.word(i / 4), ARRAY[upper(pg_temp.word(i / 4))], upper(pg_temp.word(i / 4)), 'INJECTION', 'INTRAVENOUS',
        '', '', '', '', true FROM generate_series(1, %(products)s) i""",
    """INSERT INTO products_enrolment (product_id, organisation_id, enrolled_on, suspension_reason, attestation)
    SELECT p.i, o.id, current_date - 700, '', '' FROM generate_series(1, %(products)s) p(i)
    JOIN access_organisation o ON o.name = 'Bench maker ' || (1 + p.i %% 240)""",
    """INSERT INTO products_supplynode (product_id, stage, establishment_id, share, is_qualified, last_batch_on,
        valid_from, void_reason)
    SELECT p.i, s.stage, CASE WHEN s.stage = 'packaging' AND p.i <= %(hub)s THEN 1
        WHEN s.place = 1 THEN 2 + (p.i::bigint * 7919) %% (%(establishments)s / 2 - 2)
        WHEN s.place = 2 THEN 2 + %(establishments)s / 2 + (p.i::bigint * 104729) %% (%(establishments)s / 2 - 2)
        ELSE 2 + (p.i::bigint * 31 + s.place * 1237) %% (%(establishments)s - 2) END,
        s.share, random() < 0.95, current_date - (random() * 1000)::int, current_date - 700, ''
    FROM generate_series(1, %(products)s) p(i)
    CROSS JOIN (VALUES (1, 'api', 0.6), (2, 'api', 0.4), (3, 'fdf', 1), (4, 'packaging', 1), (5, 'testing', 1))
        s(place, stage, share)""",
    """INSERT INTO products_kpisubmission (product_id, quarter_end, dual_sourced_materials_numerator,
        dual_sourced_materials_denominator, capacity_utilisation_historical, capacity_utilisation_forecast,
        operating_mode_hours_per_week, qualified_lines, days_inventory_on_hand, safety_stock_days,
        safety_stock_target_days, safety_stock_adherence_numerator, safety_stock_adherence_denominator,
        shelf_life_months, fill_rate_numerator, fill_rate_denominator, on_time_delivery_numerator,
        on_time_delivery_denominator, order_to_ship_days, equipment_depreciated_share, capital_reinvestment_ratio,
        contribution_margin, risk_management_plan_exists, risk_management_plan_tested_on,
        emergency_stock_process_exists, emergency_stock_allocation_rule, emergency_stock_contact_24_7,
        emergency_stock_tested_on, emergency_stock_ships_within_24h, disruption_notice_rate_numerator,
        disruption_notice_rate_denominator, attested_at, attestor_name, attestor_title, attestation, created_at,
        void_reason)
    SELECT i, (date_trunc('quarter', current_date) - interval '1 day')::date, (random() * 12)::int, 12,
        random(), random(), 40 + random() * 128, 1 + floor(random() * 3), random() * 200, random() * 150, 90,
        (random() * 12)::int, 12, 12 + random() * 24, 800 + (random() * 200)::int, 1000, 700 + (random() * 300)::int,
        1000, 1 + random() * 20, random(), random() * 2, random() * 0.6, true, current_date - (random() * 500)::int,
        true, true, random() < 0.5, current_date - (random() * 500)::int, random() < 0.5, (random() * 4)::int, 4,
        now(), '', '', '', now(), '' FROM generate_series(1, %(products)s) i""",
    "SET session_replication_role = origin",
    # What a trigger does elsewhere.
    """INSERT INTO products_productname (name) SELECT DISTINCT lower(name) FROM products_product p,
        unnest(ARRAY[p.nonproprietary_name, p.proprietary_name, p.labeler_name::text]) AS name WHERE name <> ''""",
    "VACUUM ANALYZE",
)


def generate(cursor: Any, products: int = 120_000, establishments: int = 10_000) -> None:
    """Fill an empty, migrated database, leaving no mark: the measures make their own."""
    values = {"products": products, "establishments": establishments, "hub": HUB_PRODUCTS}
    for statement in GENERATE:
        cursor.execute(statement, values if "%" in statement else None)
    for table in ("qmm_establishment", "products_product"):
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608  the two names above
