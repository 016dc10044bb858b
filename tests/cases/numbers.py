"""Ways to write the numbers of a recipe that takes no pictures."""

import numpy as np

from recipes.media_types import CSV, JSON, NPY, NPZ
from tests.arrays import npy_of
from tests.cases.writing import Case, Refused, document, floats, npz, tensor

NUMBERS = {
    "plain": Case(CSV, b"3.1\n5\n", floats(3.1, 5), recipe="salary"),
    "with a header and the target": Case(CSV, b"YearsExperience,Salary\n3.1,60150\n5,7\n", floats(3.1, 5), (), (60150, 7), "salary"),
    "with a header and an index": Case(CSV, b",YearsExperience\n0,3.1\n1,5\n", floats(3.1, 5), recipe="salary"),
    "with units in its header": Case(CSV, b"Experience (years),Salary (US$)\n3.1,60150\n5,7\n", floats(3.1, 5), (), (60150, 7), "salary"),
    "in quotes": Case(JSON, b'{"instances": [["3.1"], ["5"]]}', floats(3.1, 5), recipe="salary"),
    "as texts": Case(JSON, b'["3.1", "5"]', floats(3.1, 5), recipe="salary"),
    "in quotes in a record, as fields of pages are": Case(JSON, b'{"experience": "3.1"}', floats(3.1), recipe="salary"),
    "in quotes in columns": Case(JSON, b'{"experience": ["3.1", "5"]}', floats(3.1, 5), recipe="salary"),
    "called by the unit of its column": Case(JSON, b'{"experience": {"years": 3.1}}', floats(3.1), recipe="salary"),
    "of DynamoDB": Case(JSON, b'{"experience": {"N": "3.1"}}', floats(3.1), recipe="salary"),
    "with a comment at the end, as numpy writes one": Case(CSV, b"3.1\n5\n# done\n# \n# in 2026\n", floats(3.1, 5), recipe="salary"),
    "with a comment between rows": Case(CSV, b"name,Experience\nAnn,3.1\n# left, in May\nBob,5\n", floats(3.1, 5), recipe="salary"),
    "whose names begin with a number sign": Case(CSV, b"name,Experience\n# 1,3.1\n# 2,5\n", floats(3.1, 5), recipe="salary"),
    "with points that may part thousands": Case(CSV, b"850\n2.000\n", floats(850, 2), ("maybe-thousands",), recipe="house_price"),
    "with points that may part thousands of a label": Case(
        CSV, b"Size,Price\n1500,85.000\n2000,900\n", floats(1500, 2000), ("maybe-thousands",), (85, 900), "house_price"
    ),
    "of three decimals each": Case(CSV, b"3.100\n10.000\n5.000\n", floats(3.1, 10, 5), ("maybe-thousands",), recipe="salary"),
    "of three decimals, one of which is below 1": Case(CSV, b"3.100\n0.500\n5.000\n", floats(3.1, 0.5, 5), recipe="salary"),
    "one number of three decimals": Case(CSV, b"3.100\n", floats(3.1), ("maybe-thousands",), recipe="salary"),
    "points that may all part thousands under a header": Case(
        CSV, b"size,price\n1.500,200000\n2.250,275000\n", floats(1.5, 2.25), ("maybe-thousands",), (200000, 275000), "house_price"
    ),
    "with decimals of three digits": Case(
        CSV, b"Experience;Salary\n3.125;1.500\n0.500;2.250\n", floats(3.125, 0.5), (), (1.5, 2.25), "salary"
    ),
    "with columns in another order": Case(
        CSV, b"Salary,other,Experience\n60150,9,3.1\n1,9,5\n", floats(3.1, 5), ("ignored-columns",), (60150, 1), "salary"
    ),
    "beside columns that were not learned from, as in Kaggle's table of salaries": Case(
        CSV,
        b"Age,Gender,Job Title,Years of Experience,Salary\n32,Male,Engineer,5,90000\n28,Female,Analyst,3,65000\n",
        floats(5, 3),
        ("ignored-columns",),
        (90000, 65000),
        "salary",
    ),
    "beside other fields in a list of records": Case(
        JSON, b'[{"Age": 21, "YearsExperience": 1.5}]', floats(1.5), ("ignored-columns",), recipe="salary"
    ),
    "beside other fields in a record": Case(
        JSON, b'{"experience": 2, "test_score": 9, "interview_score": 6}', floats(2), ("ignored-columns",), recipe="salary"
    ),
    "with decimal commas": Case(
        CSV, b"YearsExperience;Salary\r\n3,1;53000\r\n5;1.234,5\r\n", floats(3.1, 5), (), (53000, 1234.5), "salary"
    ),
    "with decimal commas and bars": Case(CSV, b"YearsExperience|Salary\n3,1|53000,5\n", floats(3.1), (), (53000.5,), "salary"),
    "with bars in a text": Case(CSV, b"name,Experience\na|b,3.1\n", floats(3.1), recipe="salary"),
    "with tabs beside thousands with spaces of a label": Case(
        CSV,
        b"note\tSize\tPrice\n\t1,5\t73 950,45\n\t2\t8 000,00\n",
        floats(1.5, 2),
        ("ignored-columns",),
        ("73 950,45", "8 000,00"),
        "house_price",
    ),
    "with decimal commas in one column": Case(CSV, b"YearsExperience\n3,1\n5\n", floats(3.1, 5), recipe="salary"),
    "with decimal commas and tabs": Case(CSV, b"YearsExperience\tSalary\n3,1\t53000\n", floats(3.1), (), (53000,), "salary"),
    "of a series of pandas": Case(CSV, b",0\n0,3.1\n1,5\n", floats(3.1, 5), recipe="salary"),
    "of another name": Case(CSV, b"age\n3.1\n5\n", floats(3.1, 5), ("other-names",), recipe="salary"),
    "called by their unit, which may be something else": Case(CSV, b"year\n2026\n", floats(2026), ("other-names",), recipe="salary"),
    "under a comment that may tell another unit": Case(
        CSV, b"# experience in months\nexperience\n60\n72\n", floats(60, 72), ("other-unit",), recipe="salary"
    ),
    "under a comment that tells their unit": Case(CSV, b"# in years\n3.1\n5\n", floats(3.1, 5), recipe="salary"),
    "in what may be another unit": Case(CSV, b"id,Experience (m)\n1,3.1\n2,5\n", floats(3.1, 5), ("other-names",), recipe="salary"),
    **{
        f"of a size called {name}": Case(CSV, f"{name}\n1500\n950\n".encode(), floats(1500, 950), recipe="house_price")
        for name in ("Size (sq. ft.)", "size_sqft", "Size [ft²]", "sizeSqFt")
    },
    "with the unit of its column beside it": Case(CSV, b"experience,unit\n3.1,years\n5,Years\n", floats(3.1, 5), recipe="salary"),
    **{
        f"beside the unit of another number, {body!r}": Case(kind, body, floats(3.1), notes, labels, "salary")
        for kind, body, notes, labels in (
            (JSON, b'[{"experience": 3.1, "weight": 70, "weight_unit": "kg"}]', ("ignored-columns",), ()),
            (JSON, b'[{"experience": 3.1, "units": {"experience": "years", "weight": "kg"}}]', (), ()),
            (CSV, b"experience,Weight,Weight_Unit\n3.1,70,kg\n", ("ignored-columns",), ()),
            (CSV, b"experience,salary,salary_unit\n3.1,60150,USD\n", (), (60150,)),
        )
    },
    **{
        f"beside a {name} that is no unit of measure": Case(
            CSV, f"experience,{name}\n3.1,Day Care\n5,Yen Foundation\n".encode(), floats(3.1, 5), recipe="salary"
        )
        for name in ("unit", "org_unit")
    },
    "with the unit of its column beside it, in JSON": Case(JSON, b'[{"experience": 3.1, "unit": "yrs"}]', floats(3.1), recipe="salary"),
    **{
        f"beside {name}, which is left out": Case(
            CSV, f"experience,{name}\n3.1,60150\n5,7\n".encode(), floats(3.1, 5), ("other-unit",), recipe="salary"
        )
        for name in ("salary (EUR)", "salary_k", "Monthly salary", "salary/month")
    },
    **{
        f"beside a label in another unit, {name}": Case(kind, body, floats(3.1, 5), ("other-unit",), recipe="salary")
        for name, kind, body in (
            ("as records", JSON, b'[{"experience": 3.1, "salary (EUR)": 60150}, {"experience": 5, "salary (EUR)": 7}]'),
            ("in JSON Lines", JSON, b'{"experience": 3.1, "salary (EUR)": 60150}\n{"experience": 5, "salary (EUR)": 7}\n'),
            ("in columns", JSON, b'{"experience": [3.1, 5], "salary (EUR)": [60150, 7]}'),
            ("in a split", JSON, b'{"columns": ["experience", "salary (EUR)"], "data": [[3.1, 60150], [5, 7]]}'),
        )
    },
    "beside a label in another unit, in a later line of JSON Lines": Case(
        JSON, b'{"experience": 3.1}\n{"experience": 5, "salary (EUR)": 7}\n', floats(3.1, 5), ("other-unit",), recipe="salary"
    ),
    "as documents in JSON Lines, beside other fields": Case(
        JSON,
        b'{"instances": [[3.1]], "user": "A"}\n{"instances": [[5]], "user": "B"}\n',
        floats(3.1, 5),
        ("ignored-fields",),
        recipe="salary",
    ),
    "beside a label in its unit": Case(CSV, b"experience,salary_usd\n3.1,60150\n", floats(3.1), (), (60150,), "salary"),
    "with the unit for a name": Case(CSV, b"years_of_experience\n3.1\n5\n", floats(3.1, 5), recipe="salary"),
    "that begins with 0": Case(CSV, b"0\n3.1\n", floats(0, 3.1), ("maybe-header",), recipe="salary"),
    "of zeros and ones": Case(CSV, b"1\n0\n1\n1\n", floats(1, 0, 1, 1), recipe="salary"),
    "of R, its names in quotes": Case(CSV, b'"YearsExperience"\n"1",3\n"2",5\n', floats(3, 5), ("index-column",), recipe="salary"),
    "of R, its names without quotes": Case(
        CSV, b"YearsExperience,Salary\n1,3.1,60150\n2,5,7\n", floats(3.1, 5), ("index-column",), (60150, 7), "salary"
    ),
    "with thousands in a label beside decimal commas": Case(
        CSV, b"YearsExperience;Salary\n3,1;60.150\n5;7.000,5\n", floats(3.1, 5), (), ("60.150", 7000.5), "salary"
    ),
    "of two files, one after the other": Case(
        CSV, b"YearsExperience,Salary\n3.1,60150\nYearsExperience,Salary\n5,7\n", floats(3.1, 5), (), (60150, 7), "salary"
    ),
    "of psql": Case(CSV, b" Experience | Salary \n------------+--------\n 3.1 | 60150\n 5 | 7\n", floats(3.1, 5), (), (60150, 7), "salary"),
    "in Markdown": Case(
        CSV, b"| Experience | Salary |\n|---:|---|\n| 3.1 | 60150 |\n| 5 | 7 |\n", floats(3.1, 5), (), (60150, 7), "salary"
    ),
    "of psql, with its count of rows": Case(
        CSV, b" Experience | Salary \n------------+--------\n 3.1 | 60150\n 5 | 7\n(2 rows)\n\n", floats(3.1, 5), (), (60150, 7), "salary"
    ),
    "of MySQL, with its count of rows": Case(
        CSV,
        b"+------------+--------+\n| Experience | Salary |\n+------------+--------+\n| 3.1 | 60150 |\n| 5 | 7 |\n+------------+--------+\n"
        b"2 rows in set (0.00 sec)\n",
        floats(3.1, 5),
        (),
        (60150, 7),
        "salary",
    ),
    "with decimal commas in quotes, as Google's sheets write them": Case(
        CSV, b'Experience,Salary\r\n"3,1",60150\r\n5,"7000,5"\r\n', floats(3.1, 5), (), (60150, 7000.5), "salary"
    ),
    "of PowerShell": Case(CSV, b'#TYPE System.Object\r\n"Experience","Salary"\r\n"3.1","60150"\r\n', floats(3.1), (), (60150,), "salary"),
    "a split of one row without a list of rows": Case(
        JSON, b'{"columns": ["Salary", "Experience"], "data": [60150, 3.1]}', floats(3.1), (), (60150,), "salary"
    ),
    "fields beside values": Case(
        JSON, b'{"fields": ["Salary", "Experience"], "values": [[60150, 3.1], [7, 5]]}', floats(3.1, 5), (), (60150, 7), "salary"
    ),
    "fields beside values, as of watsonx": Case(
        JSON, b'{"input_data": [{"fields": ["Salary", "Experience"], "values": [[60150, 3.1]]}]}', floats(3.1), (), (60150,), "salary"
    ),
    "names beside an ndarray, as of Seldon": Case(
        JSON, b'{"data": {"names": ["Salary", "Experience"], "ndarray": [[60150, 3.1]]}}', floats(3.1), (), (60150,), "salary"
    ),
    "names in the first line of JSON Lines, as of ClickHouse": Case(
        JSON, b'["Salary", "Experience"]\n[60150, 3.1]\n[7, 5]\n', floats(3.1, 5), (), (60150, 7), "salary"
    ),
    "names in the first row": Case(
        JSON, b'{"values": [["Salary", "Experience"], [60150, 3.1], [7, 5]]}', floats(3.1, 5), (), (60150, 7), "salary"
    ),
    "columns in data in inputs, as of Hugging Face": Case(
        JSON, b'{"inputs": {"data": {"Experience": [3.1, 5], "Salary": [60150, 7]}}}', floats(3.1, 5), (), (60150, 7), "salary"
    ),
    "under a comment and a header": Case(CSV, b"# of May\nExperience\n3.1\n5\n", floats(3.1, 5), recipe="salary"),
    "with decimal commas in a label alone, in quotes": Case(
        CSV, b'Size,Price\n1500,"7,5"\n950,8\n', floats(1500, 950), (), (7.5, 8), "house_price"
    ),
    "of people whose names are statistics": Case(CSV, b"name,Experience\nMax,3.1\nMin,5\n", floats(3.1, 5), recipe="salary"),
    "with a name and no header": Case(CSV, b"Ann,3.1\nBob,5\n", floats(3.1, 5), ("name-column",), recipe="salary"),
    "with a sum below": Case(CSV, b"Experience\n3.1\n5\n8.1\n", floats(3.1, 5, 8.1), ("maybe-total",), recipe="salary"),
    "with a sum below, without a header": Case(CSV, b"3.1\n5\n8.1\n", floats(3.1, 5, 8.1), ("maybe-total",), recipe="salary"),
    "with a sum of both columns below": Case(
        CSV, b"Experience,Salary\n3.1,60150\n5,7\n8.1,60157\n", floats(3.1, 5, 8.1), ("maybe-total",), (60150, 7, 60157), "salary"
    ),
    "with a sum above": Case(CSV, b"Experience\n8.1\n3.1\n5\n", floats(8.1, 3.1, 5), ("maybe-total",), recipe="salary"),
    "with a sum below that counts no further": Case(
        CSV, b",Experience\n0,3.1\n1,5\n,8.1\n", floats(3.1, 5, 8.1), ("maybe-total",), recipe="salary"
    ),
    "with a mean below": Case(CSV, b"Experience\n3.1\n5\n4.3\n4.133\n", floats(3.1, 5, 4.3, 4.133), ("maybe-total",), recipe="salary"),
    "with a sum below, in JSON": Case(JSON, b'{"instances": [[3.1], [5], [8.1]]}', floats(3.1, 5, 8.1), ("maybe-total",), recipe="salary"),
    "with a sum below, as a list": Case(JSON, b"[3.1, 5, 8.1]", floats(3.1, 5, 8.1), ("maybe-total",), recipe="salary"),
    "with a sum below, as records": Case(
        JSON,
        b'[{"Experience": 3.1, "Salary": 1}, {"Experience": 5, "Salary": 2}, {"Experience": 8.1, "Salary": 3}]',
        floats(3.1, 5, 8.1),
        ("maybe-total",),
        (1, 2, 3),
        "salary",
    ),
    "with a sum below, in JSON Lines": Case(JSON, b"[3.1]\n[5]\n[8.1]\n", floats(3.1, 5, 8.1), ("maybe-total",), recipe="salary"),
    "with a sum below, in npy": Case(NPY, npy_of(np.array([[3.1], [5], [8.1]])), floats(3.1, 5, 8.1), ("maybe-total",), recipe="salary"),
    "with a sum below, in npz": Case(NPZ, npz(x=np.array([[3.1], [5], [8.1]])), floats(3.1, 5, 8.1), ("maybe-total",), recipe="salary"),
    "of which one is the sum of the others, and its label is not": Case(
        CSV, b"Experience,Salary\n1,10\n2,20\n3,40\n", floats(1, 2, 3), (), (10, 20, 40), "salary"
    ),
    "with a line break in a name": Case(CSV, b'Experience,name\r\n3.1,"Ann\r\n5,6"\r\n5,"""Bob"""\r\n', floats(3.1, 5), recipe="salary"),
    "with a line break in its header": Case(CSV, b'"Years of\nExperience",Salary\n3.1,60150\n', floats(3.1), (), (60150,), "salary"),
    "with inches in a name": Case(CSV, b'name,Experience\n3" pipe,3.1\nBob,5\n', floats(3.1, 5), recipe="salary"),
    **{
        f"counted in a column called {name}": Case(CSV, f"{name},Experience\n1,3.1\n2,5\n".encode(), floats(3.1, 5), recipe="salary")
        for name in ("#", "No.", "S.No", "Lfd. Nr.", "row_id", "ROW_NUMBER", "idx", "obs", "№")
    },
    "counted in a last column without a name": Case(CSV, b"name,Experience,\nAnn,3.1,0\nBob,5,1\n", floats(3.1, 5), recipe="salary"),
    "of three decimals": Case(CSV, b"Experience\n3.125\n5.500\n", floats(3.125, 5.5), ("maybe-thousands",), recipe="salary"),
    "under a comma too many": Case(CSV, b"Size,\n13\n14,\n", floats(13, 14), recipe="house_price"),
    "in a last column without a name, beside semicolons": Case(CSV, b"Size;\n13;5\n14;2\n", floats(13, 14), recipe="house_price"),
    "of R, whose row names are words": Case(CSV, b"Experience\nAnn,3.1\nBob,5\n", floats(3.1, 5), ("name-column",), recipe="salary"),
    "with empty columns behind a label": Case(CSV, b"Experience,Salary,,\n3,60150,,\n5,7,,\n", floats(3, 5), (), (60150, 7), "salary"),
    "with empty columns behind": Case(CSV, b"Experience,,,\n3.1,,,\n5,,,\n", floats(3.1, 5), recipe="salary"),
    "with a count of its rows below": Case(
        CSV, b"Experience\n3.1\n5\n\n2\n", floats(3.1, 5, 2), ("empty-lines", "maybe-total"), recipe="salary"
    ),
    "with an empty line in place of a value": Case(CSV, b"3.1\n\n5\n", floats(3.1, 5), ("empty-lines",), recipe="salary"),
    "with empty cells in place of a row": Case(
        CSV, b"Size;Price\n1500;7\n;\n2000;9\n;\n", floats(1500, 2000), ("empty-lines",), (7, 9), "house_price"
    ),
    "with empty lines about its rows": Case(CSV, b"\nExperience\n\n3.1\n5\n\n\n", floats(3.1, 5), recipe="salary"),
    **{
        f"called {name}": Case(CSV, f"{name}\n3.1\n5\n".encode(), floats(3.1, 5), ("other-names",), recipe="salary")
        for name in ("工资", "月数", "Зарплата", "μισθός", "experience (10 years)", "years/10", "experience^2", "experience²")
    },
    "called by its name and a number that counts": Case(CSV, b"experience_1\n3.1\n", floats(3.1), recipe="salary"),
    "called by a word of another alphabet alone": Case(
        JSON, document({"工资": [3.1, 5]}), floats(3.1, 5), ("other-names",), recipe="salary"
    ),
    "as a list": Case(JSON, b"[3.1, 5]", floats(3.1, 5), recipe="salary"),
    "as a list of whole numbers": Case(JSON, b"[51, 46, 49, 10, 53]", floats(51, 46, 49, 10, 53), recipe="salary"),
    "as a number": Case(JSON, b" 3.1 ", floats(3.1), recipe="salary"),
    **{
        f"as the only field, {name}": Case(JSON, f'{{"{name}": [[3.1], [5]]}}'.encode(), floats(3.1, 5), notes, recipe="salary")
        for name, notes in {"X": (), "years": (), "features": (), "samples": ("other-names",), "status": ("other-names",)}.items()
    },
    "as the only input of a model": Case(JSON, b'{"inputs": {"dense": [[3.1], [5]]}}', floats(3.1, 5), ("other-names",), recipe="salary"),
    "as records in the only field": Case(JSON, b'{"staff": [{"experience": 3.1}]}', floats(3.1), recipe="salary"),
    "as a split of Azure": Case(
        JSON,
        b'{"input_data": {"columns": ["Salary", "Experience"], "index": [0, 1], "data": [[1, 3.1], [2, 5]]}}',
        floats(3.1, 5),
        (),
        (1, 2),
        "salary",
    ),
    "as rows": Case(JSON, b'{"instances": [[3.1], [5]]}', floats(3.1, 5), recipe="salary"),
    "as records": Case(JSON, b'{"dataframe_records": [{"YearsExperience": 3.1}, {"YearsExperience": 5}]}', floats(3.1, 5), recipe="salary"),
    "as pandas writes columns": Case(
        JSON, b'{"YearsExperience": {"0": 3.1, "1": 5}, "Salary": {"0": 1, "1": 2}}', floats(3.1, 5), (), (1, 2), "salary"
    ),
    "rows by their index, with a column called unit": Case(
        JSON, b'{"0": {"experience": 3.1, "unit": "7 B"}, "1": {"experience": 5, "unit": "7 C"}}', floats(3.1, 5), recipe="salary"
    ),
    "as pandas writes rows by their index": Case(
        JSON, b'{"0": {"Experience": 3.1, "Salary": 1}, "1": {"Experience": 5, "Salary": 2}}', floats(3.1, 5), (), (1, 2), "salary"
    ),
    "as pandas writes a column": Case(JSON, b'{"0": 3.1, "1": 5}', floats(3.1, 5), recipe="salary"),
    "as columns and rows": Case(JSON, b'{"columns": ["Experience"], "rows": [[3.1], [5]]}', floats(3.1, 5), recipe="salary"),
    "as pandas writes a split": Case(
        JSON, b'{"columns": ["Salary", "Experience"], "index": [0, 1], "data": [[1, 3.1], [2, 5]]}', floats(3.1, 5), (), (1, 2), "salary"
    ),
    "as pandas writes records": Case(
        JSON, b'[{"Experience": 3.1, "Salary": 1}, {"Experience": 5, "Salary": 2}]', floats(3.1, 5), (), (1, 2), "salary"
    ),
    "as features": Case(JSON, b'{"instances": [{"features": [3.1]}, {"features": [5]}]}', floats(3.1, 5), recipe="salary"),
    "as features of data": Case(JSON, b'{"instances": [{"data": {"features": {"values": [3.1]}}}]}', floats(3.1), recipe="salary"),
    "as rows by words": Case(
        JSON, b'{"Ann": {"Experience": 3.1, "Salary": 1}, "Bob": {"Experience": 5, "Salary": 2}}', floats(3.1, 5), (), (1, 2), "salary"
    ),
    "as a column that holds values": Case(JSON, b'{"Experience": {"values": [[3.1], [5]]}}', floats(3.1, 5), recipe="salary"),
    "as inputs of columns": Case(
        JSON, b'{"inputs": {"Experience": [3.1, 5], "other": [1, 2]}}', floats(3.1, 5), ("ignored-columns",), recipe="salary"
    ),
    "as a column by the rows, in instances": Case(
        JSON, b'{"instances": {"Experience": {"0": 3.1, "1": 5}}}', floats(3.1, 5), recipe="salary"
    ),
    "as rows by words, in data": Case(
        JSON, b'{"data": {"a": {"Experience": 3.1}, "b": {"Experience": 5}}}', floats(3.1, 5), recipe="salary"
    ),
    "as an object": Case(JSON, b'{"experience": 3.1}', floats(3.1), recipe="salary"),
    "as a vector": Case(NPY, npy_of(np.array([3.1, 5])), floats(3.1, 5), recipe="salary"),
    "as one number": Case(NPY, npy_of(np.float64(3.1)), floats(3.1), recipe="salary"),
    "in an npz": Case(NPZ, npz(x=np.array([[3.1], [5]]), y=np.array([60150, 7.5])), floats(3.1, 5), (), (60150, 7.5), "salary"),
}
REFUSED = {
    "a number of MongoDB": Refused(
        JSON, b'{"instances": [{"experience": {"$numberDouble": "3.1"}}]}', "not-a-number", "an object of 1", "the number itself", "salary"
    ),
    "a column of pandas that holds its index": Refused(
        CSV, b"Unnamed: 0\n3.1\n5\n", "wrong-shape", "names 0 columns of values", "experience", "salary"
    ),
    "rows with their number in JSON": Refused(
        JSON, b"[[1, 3.1], [2, 5]]", "wrong-shape", "is 2 values; expected 1 value", 'name it: {"experience": 1.5}', "salary"
    ),
    "a table of many columns": Refused(
        CSV, b"1,2,3,4,5\n6,7,8,9,10\n", "wrong-shape", "has 5 values; expected 1", "an instance a line, of experience alone", "salary"
    ),
    **{
        f"a value in another unit, {text!r} {where}": Refused(
            kind, body % text.encode(), "not-a-number", f"{text!r} tells {unit}", advice, recipe
        )
        for text, unit, advice, recipe in (
            ("60 months", "months", "divide by 12", "salary"),
            ("60m\u00b2", "square metres", "multiply by 10.7639", "house_price"),
            ("1.5k", "thousands", "multiply by 1,000", "house_price"),
        )
        for name in ({"salary": b"experience", "house_price": b"size"}[recipe],)
        for where, kind, body in (
            ("in CSV", CSV, name + b"\n60\n%b\n"),
            ("in a record", JSON, b'[{"' + name + b'": 3}, {"' + name + b'": "%b"}]'),
            ("in a column", JSON, b'{"' + name + b'": ["%b"]}'),
            ("in a list", JSON, b'{"instances": [["%b"]]}'),
        )
    },
    "a name and a number with a decimal comma": Refused(
        CSV, b"Ann B: 3,1\nBob C: 5,2\n", "wrong-shape", "which of them is a label", "name the columns", "salary"
    ),
    "a field twice": Refused(JSON, b'{"experience": 3.1, "experience": 5}', "malformed", "'experience' twice", "once", "salary"),
    "an empty object": Refused(
        JSON, b'{"instances": [{}]}', "wrong-shape", "expected an object with experience in years", "Name the fields so", "salary"
    ),
    "strokes beside a value that is none": Refused(JSON, b'[{"experience": "abc", "strokes": [1]}]', "not-a-number", "'abc'", "", "salary"),
    "a link beside a value that is none": Refused(
        JSON, b'{"instances": [{"experience": "abc", "profile_url": "https://example.com/a"}]}', "not-a-number", "'abc'", "", "salary"
    ),
    "a null": Refused(JSON, b'[{"experience": null}]', "not-a-number", "value 1 is null", "leave the row out", "salary"),
    **{
        f"decimal commas beside commas, as in {rows!r} under {names}, too": Refused(
            CSV, f"{names}\n{rows}".encode(), "wrong-shape", "a column without a name beside", "Name each column", "house_price"
        )
        for names, rows in (("note,Size", "of May,40,4\nof June,27,5\n"),)
    },
    **{
        f"a cell more than names, the last of them empty, as in {rows!r}": Refused(
            CSV, f"{names}\n{rows}".encode(), "wrong-shape", "of which the last is empty", "as many commas as the header has", "house_price"
        )
        for names, rows in (
            ("Size,note", "39,5,\n14,2,\n"),
            ("Size,note", "3,99e+01 ,\n"),
            ("Price,Size,note", "101,4614.7,43.4,\n102,2114.7,27.7,\n"),
            ("Price;Size;note;", "101;4614.7;43.4;;\n102;2114.7;27.7;;\n"),
        )
    },
    "whole lines in quotes": Refused(CSV, b'",Size"\n"0,26"\n"1,6"\n', "not-a-number", "'0,26'", "without quotes", "house_price"),
    "thousands in quotes of one": Refused(
        CSV, b"Size\n4'046,8\n1'200,5\n", "wrong-shape", "1 name, and the lines below", "", "house_price"
    ),
    "points beside tabs that may part thousands": Refused(
        CSV, b"Size\tPrice\n1.500\t7\n950\t7\n", "not-a-number", "whether '1.500' is 1500 or 1.5 is", "without points", "house_price"
    ),
    "points that may part thousands beside decimal commas in quotes": Refused(
        CSV, b'Size,Price\n1.500,"7,5"\n950,7\n', "not-a-number", "'1.500'", "", "house_price"
    ),
    "thousands beside a name with a comma": Refused(
        CSV, b"Size|Price|name\n950|7|C\n1,500|444|A,B\n", "not-a-number", "'1,500'", "without quotes, units and thousands", "house_price"
    ),
    "thousands with spaces beside tabs": Refused(
        CSV, b"note\tSize\tPrice\n\t1 500,5\t7 950,4\n", "not-a-number", "'1 500,5'", "thousands", "house_price"
    ),
    "thousands with spaces that do not break, beside spaces": Refused(
        CSV, "Size Price\n950 7\n1\u00a0500 8\n".encode(), "not-a-number", "'1\\xa0500'", "thousands", "house_price"
    ),
    "decimal commas behind numbers that count the lines": Refused(
        CSV, b"Experience\n101,5\n102,7\n", "not-a-number", "whether '101,5' is 101.5 or two cells", "name both columns", "salary"
    ),
    "a column twice in a split": Refused(
        JSON,
        b'{"columns": ["Experience", "Experience"], "data": [[3.1, 9]]}',
        "malformed",
        "two columns are called 'Experience'",
        "",
        "salary",
    ),
    "a row that lacks a cell in a split": Refused(
        JSON, b'{"columns": ["Salary", "Experience"], "data": [[60150, 3.1], [5]]}', "wrong-shape", "1 cells, and 2 columns", "", "salary"
    ),
    "values in a row by their shape": Refused(
        JSON, b'{"data": [3.1, 5], "shape": [1, 2]}', "wrong-shape", "shape [1, 2]", "x.reshape(-1, 1)", "salary"
    ),
    "decimal commas in quotes beside points": Refused(
        CSV, b'Experience,Salary\n"3,1",7\n5.5,7\n', "not-a-number", "'3,1'", "without quotes", "salary"
    ),
    "thousands in quotes": Refused(CSV, b'Size,Price\n"1,500",7\n950,7\n', "not-a-number", "'1,500'", "without quotes", "house_price"),
    "a text with a unit in a record": Refused(JSON, b'[{"experience": "3.1 y"}]', "not-a-number", "is '3.1 y'", "without quotes", "salary"),
    "a text that may be thousands": Refused(JSON, b'{"size": "1.500"}', "not-a-number", "is '1.500'", "thousands", "house_price"),
    "a text with a comma": Refused(JSON, b'{"instances": [["3,1"]]}', "not-a-number", "is '3,1'", "with a point for decimals", "salary"),
    **{
        f"a first row of numbers that are not plain, as in {body!r}": Refused(
            CSV, body, "not-a-number", "which is no number and no name", "without quotes, units and thousands", "house_price"
        )
        for body in (
            b'"117,517.00","1,299.00",1\n"74,964.00","3,755.00",2\n"126,779.00",686.00,3\n',
            b"147'378.00,100,2'561.00\n77'915.00,101,684.00\n",
            b"1500 m|63.7 m|77981.000|Rome\n1200 m|91.8 m|166501.000|Rome\n",
            b'"1,299.00",Rome\n950,Bonn\n',
        )
    },
    **{
        f"a first row with a number among words, as in {body!r}": Refused(
            CSV, body, "wrong-shape", "3 columns of values; expected 1", "do not count", "salary"
        )
        for body in (b'+16.1,Ann,"Bonn, DE"\n+19,Bob,Rome\n', b"Ann,Rome,17\nBob,Bonn,5\n")
    },
    "thousands with decimals under one name": Refused(
        CSV, b"Square Feet\n1,828.00\n", "wrong-shape", "1 name, and the lines below have 2 cells", "", "house_price"
    ),
    "a number with its unit": Refused(
        JSON, b'{"experience": {"value": 5, "unit": "years"}}', "wrong-shape", "has a 'unit'", "the number alone", "salary"
    ),
    **{
        f"a number in another unit, {body!r}": Refused(kind, body, "wrong-shape", f"tells {unit}; expected experience", advice, "salary")
        for kind, body, unit, advice in (
            (JSON, b'{"experience": {"value": 60, "unit": "months"}}', "months", "Bring it to years: divide by 12. Call it experience."),
            (JSON, b'{"experience": {"months": 60}}', "months", "divide by 12"),
            (JSON, b'{"experience": {"Month": 60}}', "months", "divide by 12"),
            (JSON, b'{"experience_in_weeks": [60, 70]}', "weeks", "divide by 52.1786"),
            (JSON, b'{"inputs": {"experience_days": [60, 70]}}', "days", "divide by 365.25"),
            (JSON, b'{"inputs": {"months": 60}}', "months", "divide by 12"),
            (JSON, b'{"instances": [{"months": [60]}]}', "months", "divide by 12"),
            (JSON, b'{"instances": [{"experience_months": 60}]}', "months", "divide by 12"),
            (JSON, b'{"columns": ["experience_months"], "data": [[60]]}', "months", "divide by 12"),
            (JSON, b'{"fields": ["months"], "values": [[60]]}', "months", "divide by 12"),
            (JSON, b'{"data": {"names": ["months"], "ndarray": [[60]]}}', "months", "divide by 12"),
            (JSON, b'["experience_months"]\n[60]\n[70]\n', "months", "divide by 12"),
            (JSON, b'[["experience_months"], [60], [70]]', "months", "divide by 12"),
            (JSON, document(tensor([60], "FP32", (1,), name="experience_months")), "months", "divide by 12"),
            (JSON, b'{"experience": 60, "unit": "months"}', "months", "divide by 12"),
            (JSON, b'{"experience": 60, "unit": "s"}', "seconds", "divide by 31,557,600"),
            (JSON, b'{"experience": 60, "unit": "in months"}', "months", "divide by 12"),
            (JSON, b'[{"experience": 60, "experience_unit": "MON"}]', "months", "divide by 12"),
            (JSON, b'{"instances": [[60]], "units": "months"}', "months", "divide by 12"),
            (JSON, b'{"units": {"experience": "d"}, "instances": [[60]]}', "days", "divide by 365.25"),
            (CSV, b"experience_months\n60\n", "months", "divide by 12"),
            (CSV, b"id,Experience (Monate)\n1,60\n", "months", "divide by 12"),
            (CSV, b"ExperienceMonths,salary\n60,9\n", "months", "divide by 12"),
            (CSV, b"experiencemonths\n60\n", "months", "divide by 12"),
            (CSV, b"experience in thousands\n60\n", "thousands", "multiply by 1,000"),
            (CSV, b"experience,salary\nmonths,USD\n60,60150\n", "months", "divide by 12"),
            (CSV, b"experience\n[months]\n60\n", "months", "divide by 12"),
            (CSV, b"weight_kg\n60\n", "kilograms", "Bring it to years. Call it experience."),
            (CSV, b"experience,unit\n60,months\n", "months", "divide by 12"),
            (CSV, b"experience,Experience_Unit\n60,mo\n", "months", "divide by 12"),
            (NPZ, npz(experience_months=np.array([60.0, 70.0])), "months", "divide by 12"),
        )
    },
    **{
        f"a label in another unit, {body!r}": Refused(
            kind, body, "wrong-shape", "'EUR', which tells euros; expected salary in US$ a year", "Call it salary", "salary"
        )
        for kind, body in (
            (JSON, b'[{"experience": 3.1, "salary": 60150, "salary_unit": "EUR"}]'),
            (CSV, b"experience,salary,salary_unit\n3.1,60150,EUR\n"),
        )
    },
    **{
        f"a size called {name}": Refused(CSV, f"{name}\n150\n".encode(), "wrong-shape", f"tells {unit}", advice, "house_price")
        for name, unit, advice in (
            ("size [m²]", "square metres", "Bring it to square feet: multiply by 10.7639. Call it size."),
            ("sqm", "square metres", "by 10.7639"),
            ("Living area (m2)", "square metres", "by 10.7639"),
            ("sizeM2", "square metres", "by 10.7639"),
            ("size_m^2", "square metres", "by 10.7639"),
            ("size (acres)", "acres", "multiply by 43,560"),
        )
    },
    "a tensor of what is predicted": Refused(
        JSON, document(tensor([5, 6], "INT64", (2,), name="salary")), "wrong-shape", "got 'salary'", '"name": "experience"', "salary"
    ),
    **{
        f"a row for each column, as in {body!r}": Refused(
            kind, body, "wrong-shape", "has the name 'experience', which is a column's", "a row for each instance", "salary"
        )
        for kind, body in (
            (JSON, b'[{"name": "experience", "value": 5}, {"name": "salary", "value": 50000}]'),
            (CSV, b"name,value\nexperience,5\nsalary,50000\n"),
            (CSV, b"experience,5\nsalary,50000\n"),
        )
    },
    **{
        f"the only field {name}": Refused(
            JSON, f'{{"{name}": [[7], [9]]}}'.encode(), "wrong-shape", f"has a '{name}'", "Call it experience", "salary"
        )
        for name in ("salary", "Salary (US$)", "y", "labels", "id", "ids", "index", "predictions")
    },
    **{
        f"the bytes of {content!r} as a list": Refused(
            JSON, document(list(content)), "malformed", "a file's bytes as a list of numbers", "the bytes themselves", "salary"
        )
        for content in (b"experience\n3.1\n", b'{"instances": [[3.1]]}', b"[3.1]\n[5]\n", npy_of(np.array([3.1])))
    },
    "a Buffer of Node": Refused(
        JSON, document({"type": "Buffer", "data": list(b"3.1\n")}), "malformed", "a Buffer of Node", "the bytes themselves", "salary"
    ),
    "objects that are no columns": Refused(
        JSON, b'{"hits": {"total": {"value": 2}, "hits": [3.1, 5]}}', "malformed", "its fields: 'hits'", "instances", "salary"
    ),
    "what is predicted, in an instance": Refused(
        JSON, b'{"instances": [{"salary": [7]}]}', "wrong-shape", "has a 'salary'", "Call it experience", "salary"
    ),
    "a boolean in a record": Refused(JSON, b'[{"experience": true}]', "not-a-number", "value 1 is 'true'", "number", "salary"),
    "a boolean in lists": Refused(JSON, b'{"instances": [[[true]]]}', "not-a-number", "value 1 is 'true'", "number", "salary"),
    "a row of several": Refused(NPY, npy_of(np.array([[3.1, 5, 8]])), "wrong-shape", "[1, 3]", "x.reshape(-1, 1)", "salary"),
    "another name in JSON": Refused(JSON, b'[{"age": 30}]', "wrong-shape", "'age'", "experience in years", "salary"),
    "another name above rows in JSON": Refused(
        JSON, b'{"columns": ["age"], "rows": [[30]]}', "wrong-shape", "a field 'age'", "experience in years", "salary"
    ),
    **{
        f"a first line of {line}": Refused(
            CSV, f"{line}\n2.2\n".encode(), "not-a-number", "no number and no name", "without quotes, units", "salary"
        )
        for line in ("1.1 years", "1.1 # x", "$1.50", "50%", "1.1D+00", "0x1.8p1", "1'500", "(1.1)", "'1.1'", "1/2", "='1.1'", ">=1.1", "-")
    },
    "a quote that is not closed": Refused(
        CSV, b'name,Experience\n"Ann,3.1\nBob,5\n', "malformed", "line 2 opens a quote", "Close it", "salary"
    ),
    **{
        f"a row beside what may hold others, {beside}": Refused(
            JSON, f'{{{row}, "meta": {{{beside}}}}}'.encode(), "malformed", "'meta'", "instances", "salary"
        )
        for row, beside in (
            ('"Experience": 3.1', '"values": [9]'),
            ('"Experience": [3, 5]', '"data": [9]'),
            ('"all": [3, 5]', '"input": 9'),
        )
    },
    "no field of instances": Refused(JSON, b'{"a": "x", "b": null}', "malformed", "'a', 'b'", "[[1.5]", "salary"),
    **{
        f"a row of the word {word}": Refused(
            CSV,
            f"id,Experience,Salary\n1,3.1,60150\n{word},8.1,9\n".encode(),
            "wrong-shape",
            f"has the cell {word!r}",
            "Leave it out",
            "salary",
        )
        for word in ("Median", "Std. Dev.", "Σ", "Overall", "Total", "TOTAL:", "Sum", "Summe", "Average", "Mean", "Grand total", "Moyenne")
    },
    "a total in place of a value": Refused(
        CSV, b"Experience,Salary\n3.1,60150\nTotal,9\n", "wrong-shape", "'Total'", "Leave it out", "salary"
    ),
    "a total in place of a label": Refused(
        CSV, b"Experience,Salary\n3.1,60150\n8.1,Total\n", "wrong-shape", "'Total'", "Leave it out", "salary"
    ),
    "a table of statistics": Refused(
        CSV, b",Experience\ncount,2\nmean,4\nstd,1\n", "wrong-shape", "the cell 'count'", "Leave it out", "salary"
    ),
    "a sum below many rows": Refused(
        CSV, b"1.5\n" * 150 + b"225\n", "wrong-shape", "line 151 is the sum of the rows above it", "Leave it out", "salary"
    ),
    "another table below": Refused(
        CSV, b"Experience,Salary\n3.1,60150\n\nArea,Price\n500,70000\n", "not-a-number", "line 4, value 1 is 'Area'", "", "salary"
    ),
    "one name above two cells": Refused(
        CSV, b"Experience\n3.1,60150\n5,7\n", "wrong-shape", "1 name, and the lines below have 2 cells", "Name each column", "salary"
    ),
    "rows that may be counted or decimals": Refused(
        CSV, b"Experience\n1,3\n2,5\n", "not-a-number", "'1,3' is 1.3 or two cells", "point", "salary"
    ),
    **{
        f"decimal commas beside commas, under {names}": Refused(
            CSV, f"{names}\n{rows}".encode(), "wrong-shape", "2 names, and the lines below have 3 cells", "Name each column", "salary"
        )
        for names, rows in (("name, Experience", "Ann, 13,3\nBob, 26,8\n"), ("No.,Experience", "1,13,3\n2,26,8\n"))
    },
    **{
        f"decimal commas beside commas, as in {rows!r} under {names}": Refused(
            CSV, f"{names}\n{rows}".encode(), "wrong-shape", "a column without a name beside", "Name each column", "house_price"
        )
        for names, rows in (
            *(
                ("Size,", "13,5\n"),
                ("Size,", "1,5\n2,7\n"),
                ("Size,id,", "13,5,101\n9,0,102\n"),
                ("Size,,", "13,5,\n14,2,\n"),
                ("name,Size,", "Ann,13,5\n"),
            ),
            *(("Size,,Price", "1,500,8\n"), ("Price,Size,", "8,13,5\n")),
        )
    },
    **{
        f"{words} behind decimal commas": Refused(
            CSV, f"25,8 {words}\n17,5 Bob\n".encode(), "wrong-shape", "a row has 2 values; expected 1", "name the columns", "salary"
        )
        for words in ("Ann", "years")
    },
    "words before decimal commas": Refused(
        CSV, b"Ann 25,8\nBob 17,5\n", "wrong-shape", "a row has 2 values; expected 1", "name the columns", "salary"
    ),
    "words before decimal commas under names": Refused(
        CSV, b"name Experience\nAnn 25,8\nBob 17,5\n", "wrong-shape", "1 name, and the lines below have 2 cells", "Name each", "salary"
    ),
    "a header with other delimiters": Refused(
        CSV, b"Experience;Salary\n3,60150\n5,7\n", "wrong-shape", "1 name, and the lines below have 2 cells", "alike", "salary"
    ),
    "rows with other delimiters": Refused(
        CSV, b"Experience,Salary\n3;60150\n5;7\n", "wrong-shape", "1 name, and the lines below have 2 cells", "alike", "salary"
    ),
    "pairs without a header": Refused(CSV, b"3.1,60150\n5,7\n", "wrong-shape", "2 values; expected 1", "header", "salary"),
    "thousands": Refused(
        CSV, b"YearsExperience\tSalary\n3,100\t53,000\n", "not-a-number", "'3,100'", "without quotes, units and thousands", "salary"
    ),
    "thousands with spaces": Refused(CSV, b"Size\n1 500\n2 000\n", "not-a-number", "'1 500' is 1500", "without spaces", "house_price"),
    "points beside semicolons that may part thousands": Refused(
        CSV, b"name;Size\nAnn;6.466\n", "not-a-number", "whether '6.466' is 6466 or 6.466 is", "without points", "house_price"
    ),
    "thousands with spaces and decimal commas": Refused(
        CSV, b"Size\n1 500,5\n2 000,5\n", "not-a-number", "'1 500,5' is 1500,5", "without spaces", "house_price"
    ),
    "thousands with spaces that do not break": Refused(
        CSV, "Size\n1\u00a0500\n12\u00a0000\n".encode(), "not-a-number", "1500", "without spaces", "house_price"
    ),
    "thousands with points": Refused(
        CSV, b"Area;Price\n1.000;200.000\n2.500;300.000\n", "not-a-number", "'1.000' is 1000 or 1.0", "without points", "house_price"
    ),
    "a point where commas are decimals": Refused(CSV, b"a;Salary\n1.234;5,5\n", "not-a-number", "'1.234'", "", "salary"),
}
